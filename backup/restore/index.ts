import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { parseDataSettings } from '../../env'
import { tryLock } from '../../scripts/steps/lock.mjs'
import { BackupError } from '../format'
import { restore } from './restore'

/** The command that restores a backup into the data folder, while nothing of Slipway runs there. */

function asked() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { keys: { type: 'string' }, replace: { type: 'boolean' }, 'take-over': { type: 'boolean' } },
  })
  const [backup, ...rest] = positionals
  if (backup === undefined || rest.length)
    throw new BackupError(
      'Name one backup: npm run restore -- <backup> [--keys <file>] [--replace] [--take-over]',
    )
  const keysFile = values.keys === undefined ? undefined : resolve(values.keys)
  for (const file of [resolve(backup), keysFile])
    if (file !== undefined && !existsSync(file)) throw new BackupError(`There is no ${file}.`)
  return {
    backup: resolve(backup),
    keysFile,
    replace: values.replace ?? false,
    takeOver: values['take-over'] ?? false,
  }
}

try {
  const request = asked()
  const settings = parseDataSettings(process.env)
  const { dataDir } = settings
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  // The launcher's own: neither begins while the other is at work.
  const lock = tryLock(join(dataDir, 'start.lock'))
  if ('heldBy' in lock)
    throw new BackupError(
      `Slipway runs on ${dataDir}, or another restore does (process ${lock.heldBy}). Stop it first. Nothing was changed.`,
    )
  process.on('exit', lock.release)
  await restore({ settings, clock: Date.now, say: console.log }, request)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
