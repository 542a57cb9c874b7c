import { expect, test } from 'vitest'
import { parseSettings } from '~/filebrowser/settings'

const required = { PORT: '8000', WORKSPACE: '/workspace' }

test('every faulty setting is named at once', () => {
  expect(() => parseSettings({ PORT: 'x', WORKSPACE: 'relative', HF_ENDPOINT: 'ftp://x' })).toThrow(
    /PORT must[\s\S]*WORKSPACE must[\s\S]*HF_ENDPOINT must/,
  )
})

test('the first variable of a provider that is set gives the token; a blank one is no token', () => {
  const env = {
    ...required,
    HUGGINGFACE_TOKENS: ' ',
    HF_TOKEN: 'hf_CANARYa\n',
    HUGGING_FACE_HUB_TOKEN: 'hf_CANARYb',
  }
  expect(parseSettings(env).tokens).toEqual({ huggingface: 'hf_CANARYa' })
  expect(parseSettings({ ...env, HUGGINGFACE_TOKENS: 'hf_CANARYc' }).tokens).toEqual({
    huggingface: 'hf_CANARYc',
  })
})

test('an endpoint that the operator set is vouched for, the public one is not', () => {
  expect(parseSettings(required).issuers.trustedHosts).toEqual([])
  const env = {
    ...required,
    HF_ENDPOINT: 'http://mirror/',
    CIVITAI_ENDPOINT: 'https://c:8443',
    DOWNLOAD_HOSTS: 'CDN, x:1',
  }
  expect(parseSettings(env).issuers).toEqual({
    huggingfaceEndpoint: 'http://mirror',
    civitaiEndpoint: 'https://c:8443',
    trustedHosts: ['cdn', 'x:1', 'mirror:80', 'c:8443'],
  })
})
