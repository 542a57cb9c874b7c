import { join } from 'node:path'
import { createNetwork } from '~/providers/network/network'
import { Downloads } from './downloads/downloads'
import { openStore } from './downloads/store'
import { HashIndex } from './hashes/hash-index'
import { onceEach } from './once-each'
import { expand } from './preflight/expand'
import type { PreflightDeps } from './preflight/preflight'
import { Refusal } from './refusal'
import type { FilebrowserSettings } from './settings'
import { Tasks } from './tasks/tasks'
import { sleeper, type Timers } from './timers'
import { transfer } from './transfers/transfer'
import { Trash } from './trash/trash'
import { Uploads } from './uploads/uploads'
import type { FreeBytes } from './workspace/room'
import { removeParts } from './workspace/with-part'
import { openWorkspace } from './workspace/workspace'

const SWEEP_EVERY_MS = 60_000

interface Surroundings {
  freeBytes: FreeBytes
  timers: Timers
  /** Milliseconds since the epoch, for what is kept for a while. */
  now: () => number
  log: (line: string) => void
  onFault: (error: unknown) => void
}

/** Opens all that the program does round one workspace, and begins what is done by itself. */
export async function openProgram(
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
  const trash = new Trash({ workspace, freeBytes, now, onFault: onceEach(onFault) })
  const makeRoom = trash.batches.makeRoom.bind(trash.batches)
  await removeParts(workspace, onFault)
  const tasks = new Tasks({ workspace, makeRoom, onFault })
  const uploads = new Uploads({ workspace, makeRoom, now, onFault: onceEach(onFault) })
  const hashes = await HashIndex.open(workspace.root)
  const roomAt = async (target: string) =>
    (await freeBytes(target)) + (await trash.batches.bytesBeside(target))
  const preflight: PreflightDeps = { workspace, network, tokens, issuers, hashes, freeBytes: roomAt }
  const transfers = { workspace, network, tokens, makeRoom, sleep: sleeper(timers) }
  const ending = new AbortController()
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
    // Asking has a limit of its own; reading what is here takes as long as it takes, and is kept.
    expand: (source, folder) => expand(preflight, source, folder, ending.signal),
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
      ending.abort(new Refusal('canceled', 'This program is ending. Ask again when it is back.'))
      await Promise.all([downloads.close(), tasks.close()])
    },
    closeNetwork: () => network.close(),
  }
}
