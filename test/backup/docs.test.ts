import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { installationWithSave } from './site'

const DOC = readFileSync('docs/operators/backup.md', 'utf8')
const commands = [...DOC.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text = '']) => text.trim())

beforeAll(() => execFileSync(process.execPath, ['scripts/build.mjs', 'node']), 300_000)

test('the commands of the page for operators do what it says', () => {
  const { dataDir, folder, db } = installationWithSave()
  const backups = join(folder, 'backups')
  /** The same command on the folders of this test, without the build that comes before. */
  const run = (command: string | undefined, to = dataDir, cwd = process.cwd()) => {
    const here = (command ?? '')
      .replace(/\/var\/backups\/slipway|data\/backups|\/root|\/tmp/g, (path) =>
        path.includes('backups') ? backups : folder,
      )
      .replace(/runuser -u slipway -- env DATA_DIR=\S+ node --env-file=\S+/, `"${process.execPath}"`)
      .replace(/npm run (\w+) --/, (_, name) => `"${process.execPath}" build/tools/${name}.js`)
    const env = { NODE_ENV: 'production' as const, PATH: process.env.PATH, DATA_DIR: to }
    const { status, stderr } = spawnSync('sh', ['-c', here], { env, cwd, encoding: 'utf8' })
    return { command, status, stderr }
  }
  const good = (command: string | undefined) => ({ command, status: 0, stderr: '' })
  const [systemd = '', _compose, take, withKeys, restoring, rehearsal, back, byHand, ...others] = commands
  const [systemdTake, systemdRestore] = systemd.split('\n')
  expect(others).toEqual([])
  expect(run(take)).toEqual(good(take))
  const [name = ''] = readdirSync(backups)
  expect(name).toMatch(/^slipway-\d{8}T\d{9}Z\.tar$/)
  copyFileSync(join(backups, name), join(backups, 'slipway.tar'))
  expect(run(withKeys)).toEqual(good(withKeys))
  expect(run(systemdTake)).toEqual(good(systemdTake))
  expect(readdirSync(join(dataDir, 'backups'))).toHaveLength(1)
  expect(run(systemdRestore, join(folder, 'systemd'))).toEqual(good(systemdRestore))
  expect(run(restoring, join(folder, 'new'))).toEqual(good(restoring))
  expect(run(rehearsal)).toEqual(good(rehearsal))
  expect(readdirSync(join(folder, 'slipway-rehearsal'))).toContain('token-keys')
  copyFileSync(join(folder, 'new/slipway.db'), join(backups, 'before-upgrade.db'))
  db.$client.close()
  expect(run(back)).toEqual(good(back))
  expect(run(byHand, dataDir, folder)).toEqual(good(byHand))
})
