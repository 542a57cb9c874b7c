import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createBackup } from '~/backup/create'
import { type RestoreRequest, restore as restoreBackup } from '~/backup/restore/restore'
import { claimSave, markSaved } from '~/db/cloud-save-work'
import { createCloudSave } from '~/db/cloud-saves'
import { launchMachine } from '~/db/machine-requests'
import { openDb } from '~/db/open'
import { saveProviderToken } from '~/db/provider-tokens'
import { type MachineStatus, machines } from '~/db/schema'
import { archivePath } from '~/worker/saves/archives'
import { SOMEBODY } from '../support/actors'
import { bundled } from '../support/bundle'
import { type TestInstallation, testInstallation } from '../support/installation'

const KILLED_AT_CHANGE = join(process.cwd(), 'test/support/programs/killed-at-change.mjs')

export const TOKEN = 'hf_CANARYbackup0123456789'

/** Runs a command of Slipway's on a data folder, and waits for its end. */
async function command(
  entry: string,
  dataDir: string,
  args: string[],
  { killedAt, env: settings }: { killedAt?: number; env?: Record<string, string> } = {},
) {
  const preload = killedAt === undefined ? [] : ['--import', KILLED_AT_CHANGE]
  const env = { PATH: process.env.PATH, DATA_DIR: dataDir, KILLED_AT: String(killedAt) }
  const child = spawnSync(process.execPath, [...preload, await bundled(entry), ...args], {
    env: { NODE_ENV: 'production', ...env, ...settings },
    encoding: 'utf8',
  })
  return { ended: child.status ?? child.signal, stdout: child.stdout, stderr: child.stderr }
}

export const runBackup = (dataDir: string, args: string[], options = {}) =>
  command('backup/index.ts', dataDir, args, options)
export const runRestore = (dataDir: string, args: string[], options = {}) =>
  command('backup/restore/index.ts', dataDir, args, options)
export const runMigrate = (dataDir: string, options = {}) => command('db/migrate.ts', dataDir, [], options)

/** What the command does, in this process. @returns what it said */
export async function backup(dataDir: string, to: string): Promise<string> {
  const lines: string[] = []
  const db = openDb(join(dataDir, 'slipway.db'))
  const deps = { db, dataDir, sizesFile: 'config/machines.json', version: '1.2.3', clock: Date.now }
  try {
    await createBackup({ ...deps, say: (line) => lines.push(line), onProgress: () => undefined }, to)
  } finally {
    db.$client.close()
  }
  return lines.join('\n')
}

/** The same of the other command. @throws what it would complain of */
export async function restore(
  dataDir: string,
  backup: string,
  request: Partial<RestoreRequest> = {},
): Promise<string> {
  const lines: string[] = []
  mkdirSync(dataDir, { recursive: true })
  const deps = {
    settings: { tokenKeys: undefined, dataDir },
    clock: Date.now,
    say: (line: string) => lines.push(line),
  }
  await restoreBackup(deps, { backup, keysFile: undefined, replace: false, takeOver: false, ...request })
  return lines.join('\n')
}

/** An installation with a saved token, and one cloud save with its archive. */
export function installationWithSave() {
  const site = testInstallation()
  saveProviderToken(site, site.admin.id, 'huggingface', TOKEN, SOMEBODY)
  const save = addSave(site, randomBytes(300_000))
  return { ...site, folder: dirname(site.dataDir), save }
}

export function addSave({ db, dataDir, admin, clock }: TestInstallation, content: Buffer) {
  const { id: machineId } = addMachine({ db, admin, clock }, 'stopped')
  const { id } = createCloudSave(db, { userId: admin.id, machineId }, SOMEBODY, clock)
  const claimed = claimSave(db, id, { leaseMs: 1000, clock })
  if (!claimed) throw new Error('The save was not claimed.')
  const path = archivePath(join(dataDir, 'saves'), claimed.save)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  const sha256 = createHash('sha256').update(content).digest('hex')
  const archive = { bytes: content.length, sha256, notes: null, bytesTotal: content.length }
  markSaved(db, claimed.claim, archive, clock)
  return { id, path }
}

export function addMachine(
  { db, admin, clock }: Pick<TestInstallation, 'db' | 'admin' | 'clock'>,
  status: MachineStatus,
): { id: string } {
  const { machineId } = launchMachine(
    db,
    { userId: admin.id, kind: 'comfyui', name: status },
    SOMEBODY,
    clock,
  )
  // As if a worker had brought it there.
  db.$client
    .prepare('update machines set status = ?, lease_until = 99, fence = 1 where id = ?')
    .run(status, machineId)
  return { id: machineId }
}

export const statusesOf = ({ db }: Pick<TestInstallation, 'db'>) =>
  Object.fromEntries(
    db
      .select()
      .from(machines)
      .all()
      .map(({ name, status, leaseUntil }) => [name, [status, leaseUntil]]),
  )

/** Every file below a folder, with what is in it. */
export function filesIn(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => statSync(join(folder, name)).isFile())
  return Object.fromEntries(
    files.sort().map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  )
}
