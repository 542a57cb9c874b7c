import { mkdir } from 'node:fs/promises'
import { pipeline, type Readable, Transform } from 'node:stream'
import {
  claimSave,
  markSaved,
  markSaveFailed,
  markSaveWaiting,
  recordTokensOpened,
  releaseSave,
  renewSave,
  type SaveClaim,
} from '../../db/cloud-save-work'
import type { CloudSave } from '../../db/cloud-saves'
import { isBusy } from '../../db/open'
import { UnsealError } from '../../db/sealing'
import { formatBytes } from '../../format-bytes'
import { PROVIDER_IDS, PROVIDERS } from '../../providers/registry'
import { scrub } from '../../scrub'
import type { WorkerDeps } from '../deps'
import { holdLease, type Lease, LeaseEnded } from '../lease'
import { type TokenOpener, tokenOpener } from '../open-tokens'
import { SecretCameMeanwhile } from '../runtimes/runtime'
import { freeBytes } from '../runtimes/workspaces/free-bytes'
import { writeArchive } from './archives'
import { notebook } from './notebook'
import { isDiskFull, SaveError } from './save-errors'

const TRIES_MAX = 3
/** How much is written between two looks at the room there is. */
const LOOK_EVERY_BYTES = 64 * 1024 ** 2

/** Saves a workspace, from claim to saved or failed. Called too often or too late it does nothing. */
export async function save(deps: WorkerDeps, id: string, shutdown: AbortSignal): Promise<void> {
  const { db, clock, timings } = deps
  const held = { leaseMs: timings.leaseMs, clock }
  const claimed = claimSave(db, id, held)
  if (!claimed) return
  const { claim, save } = claimed
  const progress = { bytesDone: 0, bytesTotal: 0 }
  const renew = () => (renewSave(db, claim, progress, held) ? undefined : 'lost')
  const lease = holdLease(timings, renew, shutdown)
  const opener = tokenOpener(deps, 'save')
  try {
    if (save.tries > TRIES_MAX) throw new SaveError('worker_lost', `Claimed ${save.tries} times.`)
    await run(deps, save, { progress, lease, opener, claim })
  } catch (error) {
    giveUp(deps, claim, save, lease.stillMine() ? error : lease.signal.reason, opener.secrets)
  } finally {
    lease.end()
    opener.letGo()
  }
}

interface Work {
  claim: SaveClaim
  progress: Pick<CloudSave, 'bytesDone' | 'bytesTotal'>
  lease: Lease
  opener: TokenOpener
}

async function run(deps: WorkerDeps, save: CloudSave, { claim, progress, lease, opener }: Work) {
  const { db, clock, logger } = deps
  const { workspaces } = deps.runtime
  const { signal, stillMine } = lease
  if (!(await workspaces.exists(save.workspaceId)))
    throw new SaveError('nothing_to_save', `There is no workspace ${save.workspaceId}.`)
  const secrets = openSecrets(deps, opener, save)
  progress.bytesTotal = await workspaces.measure(save.workspaceId)
  await assertRoom(deps, progress.bytesTotal)
  const notes = notebook()
  const tar = workspaces.save(
    save.workspaceId,
    {
      secrets,
      note: notes.write,
      onBytes: (count) => {
        progress.bytesDone += count
      },
    },
    signal,
  )
  const archive = await writeArchive(deps.saves.folder, save, whileRoom(deps, tar), { stillMine, signal })
  if (!(await workspaces.exists(save.workspaceId)))
    throw new SaveError('nothing_to_save', `The workspace ${save.workspaceId} was removed meanwhile.`)
  const { bytesDone: bytesTotal } = progress
  if (!markSaved(db, claim, { ...archive, notes: notes.text(), bytesTotal }, clock))
    throw new LeaseEnded('lost')
  deps.metrics.cloudSaves.inc({ result: 'saved', error_class: '' })
  logger.info({ saveId: save.id, bytes: archive.bytes }, 'workspace is saved')
}

/** The values that no save may hold: those that a machine could be launched with today. */
function openSecrets({ db, clock }: WorkerDeps, opener: TokenOpener, save: CloudSave) {
  try {
    const tokens = opener.open(save.userId, PROVIDER_IDS)
    recordTokensOpened(
      db,
      save,
      tokens.map(({ provider }) => provider),
      clock,
    )
    return tokens.map(({ provider, value }) => ({ label: PROVIDERS[provider].label, value }))
  } catch (error) {
    if (error instanceof UnsealError) throw new SaveError('token_unreadable', error.message)
    throw error
  }
}

async function assertRoom({ saves: { folder, reserveBytes } }: WorkerDeps, bytes: number): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const missing = bytes + reserveBytes - (await freeBytes(folder))
  if (missing <= 0) return
  throw new SaveError(
    'disk_full',
    `${folder} lacks ${missing} bytes for ${bytes} bytes of files and a reserve of ${reserveBytes}.`,
    `The server’s disk has ${formatBytes(missing)} too little room for this save. Delete saves or files that you no longer need, and save again.`,
  )
}

/** The tar, as long as the reserve is there: others write meanwhile, and the database lives on it. */
function whileRoom({ saves }: WorkerDeps, tar: Readable): Readable {
  let unlooked = 0
  const look = async () => {
    const free = await freeBytes(saves.folder)
    if (free > saves.reserveBytes) return
    throw new SaveError(
      'disk_full',
      `${saves.folder} has ${free} bytes left, and a reserve of ${saves.reserveBytes}.`,
    )
  }
  const looking = new Transform({
    transform(piece: Buffer, _encoding, done) {
      unlooked += piece.length
      if (unlooked < LOOK_EVERY_BYTES) return done(null, piece)
      unlooked = 0
      look().then(() => done(null, piece), done)
    },
  })
  // Its errors come out of the transform.
  return pipeline(tar, looking, () => undefined)
}

function giveUp(
  { db, clock, logger, timings, metrics }: WorkerDeps,
  claim: SaveClaim,
  save: CloudSave,
  error: unknown,
  secrets: readonly string[],
): void {
  if (error instanceof LeaseEnded) {
    if (error.end === 'shutdown') releaseSave(db, claim)
    return
  }
  if (isBusy(error)) {
    releaseSave(db, claim)
    return
  }
  const reason = asSaveError(error)
  const failure = { ...reason.failure, detail: scrub(reason.detail, secrets) }
  logger.warn({ saveId: save.id, errorClass: failure.errorClass }, 'save failed')
  if (reason.retryable && save.tries < TRIES_MAX)
    markSaveWaiting(db, claim, clock() + timings.retryDelayMs(save.tries))
  else if (markSaveFailed(db, claim, failure, clock))
    metrics.cloudSaves.inc({ result: 'failed', error_class: failure.errorClass })
}

function asSaveError(error: unknown): SaveError {
  if (error instanceof SaveError) return error
  if (isDiskFull(error)) return new SaveError('disk_full', String(error))
  if (error instanceof SecretCameMeanwhile) return new SaveError('token_came_meanwhile', error.message)
  return new SaveError('internal', String(error))
}
