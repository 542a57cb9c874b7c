import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { openDb } from '~/db/open'

let dataDir: string

beforeAll(() => execFileSync(process.execPath, ['scripts/build.mjs', 'node']), 300_000)
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'slipway-link-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

function run(tool: string, settings: Record<string, string> = {}) {
  const env = { NODE_ENV: 'production' as const, PATH: process.env.PATH, DATA_DIR: dataDir, ...settings }
  const { status, stdout, stderr } = spawnSync(process.execPath, [`build/tools/${tool}.js`], {
    env,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

it('prints a link on the database of an installation', () => {
  expect(run('migrate').status).toBe(0)
  expect(run('sign-in-link')).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^http:\/\/localhost:3000\/sign-in\/\S+\n$/),
    stderr: '',
  })
})

it('says before the first start that there is no database, and makes none', () => {
  const stderr = `There is no database in ${dataDir}. \`npm start\` makes it.\n`
  expect(run('sign-in-link')).toEqual({ status: 1, stdout: '', stderr })
  expect(existsSync(join(dataDir, 'slipway.db'))).toBe(false)
})

it('says of a database of another version how it is migrated', () => {
  openDb(join(dataDir, 'slipway.db')).$client.close()
  const stderr = 'The database schema is not of this version. `npm start` migrates it.\n'
  expect(run('sign-in-link')).toEqual({ status: 1, stdout: '', stderr })
})

it('names faulty settings without a stack', () => {
  const { status, stderr } = run('sign-in-link', { PORT: 'many' })
  expect(status).toBe(1)
  expect(stderr).toContain('  PORT must be')
  expect(stderr).not.toMatch(/^ +at /m)
})
