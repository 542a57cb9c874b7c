import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { parseSettings } from '~/env'
import { loadDotEnv, readSettings } from '~/scripts/steps/environment.mjs'

afterEach(() => vi.unstubAllEnvs())

it('takes .env where the environment says nothing, and the environment where it does', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-env-'))
  writeFileSync(join(folder, '.env'), 'SLIPWAY_TEST_A=file\nSLIPWAY_TEST_B=file\n')
  vi.stubEnv('SLIPWAY_SETTINGS_FROM', 'PORT:.env')
  vi.stubEnv('SLIPWAY_TEST_A', 'environment')
  vi.stubEnv('SLIPWAY_TEST_B', undefined)
  loadDotEnv(join(folder, '.env'))
  expect(process.env.SLIPWAY_TEST_A).toBe('environment')
  expect(process.env.SLIPWAY_TEST_B).toBe('file')
  expect(process.env.SLIPWAY_SETTINGS_FROM).toBe('SLIPWAY_TEST_B:.env')
  rmSync(folder, { recursive: true })
})

it('does without a .env', () => {
  vi.stubEnv('SLIPWAY_SETTINGS_FROM', undefined)
  expect(() => loadDotEnv('/nonexistent/.env')).not.toThrow()
})

it.each([
  {},
  { PORT: '8080', PUBLIC_URL: 'https://slipway.example.org/', DATA_DIR: '/srv/slipway' },
  { PORT: ' ', HOST: '0.0.0.0' },
])('understands %j as the programs do', (env) => {
  const { port, host, publicUrl, dataDir } = parseSettings(env)
  expect(readSettings(env)).toMatchObject({ port, host, publicUrl, dataDir })
})

it.each([
  ['127.0.0.1', 'http://127.0.0.1:3000'],
  ['0.0.0.0', 'http://127.0.0.1:3000'],
  ['::', 'http://[::1]:3000'],
  ['fd00::1', 'http://[fd00::1]:3000'],
  ['slipway.internal', 'http://slipway.internal:3000'],
])('reaches a server that listens on %s', (HOST, localUrl) => {
  expect(readSettings({ HOST }).localUrl).toBe(localUrl)
})
