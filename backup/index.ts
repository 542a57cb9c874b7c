import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { OPERATOR, record } from '../db/audit'
import { ifPossible, openDb } from '../db/open'
import { assertNotNewer } from '../db/schema-version'
import { parseDataSettings } from '../env'
import { formatBytes } from '../format-bytes'
import { sizesFile } from '../machine-settings'
import { tryLock } from '../scripts/steps/lock.mjs'
import { createBackup } from './create'
import { BackupError } from './format'
import { copyKeys } from './keys'

/** The command that takes a backup, while web and worker run or not. */

const asked = () => parseArgs({ options: { to: { type: 'string' }, 'keys-to': { type: 'string' } } }).values

/** @param to a file, or a folder that is there or ends in a slash */
function targetOf(to: string): string {
  const isFolder = to.endsWith('/') || statSync(to, { throwIfNoEntry: false })?.isDirectory()
  const time = new Date().toISOString().slice(0, 23).replace(/[-:.]/g, '')
  return isFolder ? resolve(to, `slipway-${time}Z.tar`) : resolve(to)
}

function showProgress(done: number, total: number): void {
  if (process.stdout.isTTY) process.stdout.write(`\r${formatBytes(done)} of ${formatBytes(total)}\x1b[K`)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

try {
  const settings = parseDataSettings(process.env)
  const { dataDir } = settings
  const { to = join(dataDir, 'backups/'), 'keys-to': keysTo } = asked()
  const target = targetOf(to)
  const keysFile = keysTo === undefined ? undefined : resolve(keysTo)
  const file = join(dataDir, 'slipway.db')
  if (!existsSync(file)) throw new BackupError(`There is no database in ${dataDir}. \`npm start\` makes it.`)
  if (keysFile && existsSync(keysFile))
    throw new BackupError(`${keysFile} is there already. Choose another name with --keys-to.`)
  const lock = tryLock(join(dataDir, 'backup.lock'))
  if ('heldBy' in lock) throw new BackupError(`Another process (${lock.heldBy}) takes a backup already.`)
  process.on('exit', lock.release)
  const db = openDb(file)
  assertNotNewer(db)
  const dropKeys = () => keysFile && rmSync(keysFile, { force: true })
  const { files } = await createBackup(
    {
      db,
      dataDir,
      sizesFile: sizesFile(process.env),
      version: JSON.parse(readFileSync('package.json', 'utf8')).version,
      clock: Date.now,
      say: console.log,
      onCopied(copy) {
        if (!keysFile) return
        copyKeys(copy, settings, keysFile)
        // So that the same command can be given again when the backup fails.
        process.once('exit', dropKeys)
      },
      onProgress: showProgress,
    },
    target,
  )
  process.off('exit', dropKeys)
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[K')
  console.log(`Saved ${files.length} files, ${formatBytes(statSync(target).size)}: ${target}`)
  const detail = keysFile ? 'With the token keys in a file of their own' : 'Without the token keys'
  ifPossible(() => record(db, { action: 'backup_made', by: OPERATOR, target, detail }, Date.now))
  console.log(
    keysFile
      ? `The token keys are in ${keysFile}. Keep them apart from the backup: both together open every saved token.`
      : 'The token keys are not in it, and without them no saved token can be read. Keep them apart: --keys-to <file> copies them.',
  )
  db.$client.close()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
