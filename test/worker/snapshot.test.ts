import { describe, expect, test } from 'vitest'
import { SERVICE_NAMES, type ServiceName } from '~/db/schema'
import { buildSnapshot } from '~/worker/snapshot'

const given = {
  kind: 'comfyui' as const,
  machineName: 'One',
  services: ['comfyui', 'filebrowser'] as const,
  tokens: [],
  endpoints: { huggingfaceEndpoint: undefined, civitaiEndpoint: undefined, downloadHosts: [] },
}

test('without saved tokens no variable of theirs is there, not even an empty one', () => {
  for (const { env } of buildSnapshot(given)) expect(env).toEqual({ SLIPWAY_MACHINE_NAME: 'One' })
})

test('a saved token is in each service, under the name that users know and those that programs read', () => {
  const tokens = [
    { provider: 'huggingface' as const, value: 'hf_CANARYone' },
    { provider: 'civitai' as const, value: 'CANARYtwo' },
  ]
  for (const { env } of buildSnapshot({ ...given, tokens }))
    expect(env).toEqual({
      SLIPWAY_MACHINE_NAME: 'One',
      HUGGINGFACE_TOKENS: 'hf_CANARYone',
      HF_TOKEN: 'hf_CANARYone',
      HUGGING_FACE_HUB_TOKEN: 'hf_CANARYone',
      CIVITAI_TOKENS: 'CANARYtwo',
      CIVITAI_TOKEN: 'CANARYtwo',
      CIVITAI_API_TOKEN: 'CANARYtwo',
    })
})

test('one token does not bring the variables of the other provider', () => {
  const tokens = [{ provider: 'civitai' as const, value: 'CANARYtwo' }]
  const names = buildSnapshot({ ...given, tokens }).flatMap(({ env }) => Object.keys(env))
  expect(names.filter((name) => /HF|HUGGING/.test(name))).toEqual([])
})

test('endpoints and download hosts are handed on when the operator set them', () => {
  const endpoints = {
    huggingfaceEndpoint: 'http://hub.test',
    civitaiEndpoint: 'http://civitai.test',
    downloadHosts: ['a.test', 'b.test:8080'],
  }
  expect(buildSnapshot({ ...given, endpoints })[0]?.env).toMatchObject({
    HF_ENDPOINT: 'http://hub.test',
    CIVITAI_ENDPOINT: 'http://civitai.test',
    DOWNLOAD_HOSTS: 'a.test,b.test:8080',
  })
})

describe('by kind of machine', () => {
  const everything = {
    ...given,
    services: ['comfyui', 'filebrowser', 'trainer'] as const,
    tokens: [
      { provider: 'huggingface' as const, value: 'hf_CANARYone' },
      { provider: 'civitai' as const, value: 'CANARYtwo' },
    ],
    endpoints: {
      huggingfaceEndpoint: 'http://hub.test',
      civitaiEndpoint: 'http://civitai.test',
      downloadHosts: [],
    },
  }

  test.each([
    ['comfyui', ['comfyui', 'filebrowser']],
    ['trainer', ['trainer']],
  ] as const)('a %s has these services: %j', (kind, services) => {
    const found = (present: readonly ServiceName[]) =>
      buildSnapshot({ ...everything, kind, services: present }).map(({ service }) => service)
    expect(found(SERVICE_NAMES)).toEqual(services)
    expect(found(services.slice(1))).toEqual(services.slice(1))
    expect(found([])).toEqual([])
  })

  test('a trainer gets all of Hugging Face, and nothing of Civitai', () => {
    expect(buildSnapshot({ ...everything, kind: 'trainer' })[0]?.env).toEqual({
      SLIPWAY_MACHINE_NAME: 'One',
      HUGGINGFACE_TOKENS: 'hf_CANARYone',
      HF_TOKEN: 'hf_CANARYone',
      HUGGING_FACE_HUB_TOKEN: 'hf_CANARYone',
      HF_ENDPOINT: 'http://hub.test',
    })
  })
})
