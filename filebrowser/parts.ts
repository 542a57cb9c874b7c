import { join } from 'node:path'
import { createNetwork } from '~/providers/network/network'
import { Downloads } from './downloads/downloads'
import { openStore } from './downloads/store'
import { HashIndex } from './hashes/hash-index'
import { expand } from './preflight/expand'
import type { PreflightDeps } from './preflight/preflight'
import type { FilebrowserSettings } from './settings'
import { removeHalfCopies } from './tasks/journal'
import { Tasks } from './tasks/tasks'
import { sleeper, type Timers } from './timers'
import { transfer } from './transfers/transfer'
import { Trash } from './trash/trash'
import { Uploads } from './uploads/uploads'
import { openWorkspace } from './workspace/workspace'
import type { FreeBytes } from './workspace/write-whole'

const SWEEP_EVERY_MS = 60_000
/** A whole repository is asked about page by page. */
const EXPAND_LIMIT_MS = 120_000

interface Surroundings {
  freeBytes: FreeBytes
  timers: Timers
  /** Milliseconds since the epoch, for what is kept for a while. */
  now: () => number
  log: (line: string) => void
  onFault: (error: unknown) => void
}

/** Opens all that the program does round one workspace, and begins what is done by itself. */
export async function openParts(
  settings: FilebrowserSettings,
  { freeBytes, timers, now, log, onFault }: Surroundings,
) {
  const { tokens, issuers } = settings
  const workspace = await openWorkspace(settings.workspace)
  const network = createNetwork({
    trustedHosts: issuers.trustedHosts,
    userAgent: 'slipway-filebrowser/0.1',
    here: 'This machine',
  })
  const trash = new Trash({ workspace, freeBytes, now })
  const makeRoom = trash.makeRoom.bind(trash)
  await removeHalfCopies(workspace)
  const tasks = new Tasks({ workspace, makeRoom, onFault })
  const uploads = new Uploads({ workspace, makeRoom, now })
  const hashes = await HashIndex.open(workspace.root)
  const roomAt = async (target: string) => (await freeBytes(target)) + (await trash.bytesBeside(target))
  const preflight: PreflightDeps = { workspace, network, tokens, issuers, hashes, freeBytes: roomAt }
  const transfers = { workspace, network, tokens, makeRoom, sleep: sleeper(timers) }
  const downloads = await Downloads.open({
    workspace,
    issuers,
    tokens,
    timers,
    onFault,
    log,
    store: openStore(join(workspace.root, '.slipway/downloads')),
    atOnce: settings.downloadsAtOnce,
    fetch: (...request) => transfer(transfers, ...request),
    expand: (source, folder) => expand(preflight, source, folder, AbortSignal.timeout(EXPAND_LIMIT_MS)),
    onDone: ({ path, sha256 }) => {
      hashes.remember(join(workspace.root, path), sha256).catch(onFault)
    },
  })

  function sweep() {
    trash.sweep().catch(onFault)
    uploads.sweep().catch(onFault)
  }
  const upkeep = setInterval(sweep, SWEEP_EVERY_MS).unref()
  sweep()

  return {
    workspace,
    trash,
    tasks,
    uploads,
    downloads,
    preflight,
    /** Ends what runs; what was downloaded half goes on at the next start. */
    async stop() {
      clearInterval(upkeep)
      await Promise.all([downloads.close(), tasks.close()])
    },
    closeNetwork: () => network.close(),
  }
}
