import { describe, expect, test } from 'vitest'
import { SERVICE_NAMES, type ServiceName } from '~/db/schema'
import { parseSettings } from '~/filebrowser/settings'
import { buildSnapshot } from '~/worker/snapshot'
import { SERVICE_SETTINGS } from '../support/service-settings'

const machine = { id: 'abcdefgh', name: 'One', kind: 'comfyui' as const }
const given = {
  machine,
  services: ['comfyui', 'filebrowser'] as const,
  tokens: [],
  takenAt: Date.UTC(2026, 10, 22, 12),
  settings: SERVICE_SETTINGS,
}

/** What one service is given. */
const envOf = (service: ServiceName, input: Parameters<typeof buildSnapshot>[0]) =>
  buildSnapshot(input).find((part) => part.service === service)?.env

test('without saved tokens no variable of theirs is there, not even an empty one', () => {
  expect(envOf('comfyui', given)).toEqual({ SLIPWAY_MACHINE_NAME: 'One' })
  expect(envOf('filebrowser', given)).toEqual({
    SLIPWAY_MACHINE_NAME: 'One',
    SLIPWAY_MACHINE_URL: 'http://slipway.test:3000/machines/abcdefgh',
  })
})

test('the file manager alone hears where its machine’s page is, when the tokens were taken, and how much to download at once', () => {
  const input = {
    ...given,
    tokens: [{ provider: 'civitai' as const, value: 'CANARYtwo' }],
    settings: { ...SERVICE_SETTINGS, downloadsAtOnce: 5 },
  }
  const own = {
    SLIPWAY_MACHINE_URL: 'http://slipway.test:3000/machines/abcdefgh',
    SLIPWAY_SNAPSHOT_AT: '2026-11-22T12:00:00.000Z',
    DOWNLOADS_AT_ONCE: '5',
  }
  expect(envOf('filebrowser', input)).toEqual({ ...envOf('comfyui', input), ...own })
  for (const name of Object.keys(own)) expect(envOf('comfyui', input)).not.toHaveProperty(name)
})

test('what the file manager is given, it takes', () => {
  const tokens = [{ provider: 'huggingface' as const, value: 'hf_CANARYone' }]
  const settings = { ...SERVICE_SETTINGS, downloadHosts: ['a.test'], downloadsAtOnce: 5 }
  const env = envOf('filebrowser', { ...given, tokens, settings })
  expect(parseSettings({ ...env, PORT: '8080', WORKSPACE: '/workspace' })).toMatchObject({
    machineName: 'One',
    machineUrl: 'http://slipway.test:3000/machines/abcdefgh',
    tokens: { huggingface: 'hf_CANARYone' },
    tokensTakenAt: '2026-11-22T12:00:00.000Z',
    downloadHosts: ['a.test'],
    downloadsAtOnce: 5,
  })
})

test('a saved token is in each service, under the name that users know and those that programs read', () => {
  const tokens = [
    { provider: 'huggingface' as const, value: 'hf_CANARYone' },
    { provider: 'civitai' as const, value: 'CANARYtwo' },
  ]
  for (const { env } of buildSnapshot({ ...given, tokens }))
    expect(env).toMatchObject({
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
  const settings = {
    ...SERVICE_SETTINGS,
    huggingfaceEndpoint: 'http://hub.test',
    civitaiEndpoint: 'http://civitai.test',
    downloadHosts: ['a.test', 'b.test:8080'],
  }
  expect(buildSnapshot({ ...given, settings })[0]?.env).toMatchObject({
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
    settings: {
      ...SERVICE_SETTINGS,
      huggingfaceEndpoint: 'http://hub.test',
      civitaiEndpoint: 'http://civitai.test',
    },
  }

  test.each([
    ['comfyui', ['comfyui', 'filebrowser']],
    ['trainer', ['trainer']],
  ] as const)('a %s has these services: %j', (kind, services) => {
    const found = (present: readonly ServiceName[]) =>
      buildSnapshot({ ...everything, machine: { ...machine, kind }, services: present }).map(
        ({ service }) => service,
      )
    expect(found(SERVICE_NAMES)).toEqual(services)
    expect(found(services.slice(1))).toEqual(services.slice(1))
    expect(found([])).toEqual([])
  })

  test('a trainer gets all of Hugging Face, and nothing of Civitai', () => {
    expect(buildSnapshot({ ...everything, machine: { ...machine, kind: 'trainer' } })[0]?.env).toEqual({
      SLIPWAY_MACHINE_NAME: 'One',
      HUGGINGFACE_TOKENS: 'hf_CANARYone',
      HF_TOKEN: 'hf_CANARYone',
      HUGGING_FACE_HUB_TOKEN: 'hf_CANARYone',
      HF_ENDPOINT: 'http://hub.test',
    })
  })
})
