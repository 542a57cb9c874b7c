import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { claimSave, markSaved, markSaveFailed, renewSave } from '~/db/cloud-save-work'
import { createCloudSave } from '~/db/cloud-saves'
import { markActive } from '~/db/machine-activity'
import { claimLaunch, claimStop } from '~/db/machine-claims'
import { addMachineEvent } from '~/db/machine-events'
import { markFailed, markRunning, markStopped } from '~/db/machine-outcomes'
import { launchMachine, stopMachine } from '~/db/machine-requests'
import { recordTokens } from '~/db/machine-tokens'
import { listProviderTokens } from '~/db/provider-tokens'
import type { User } from '~/db/users'
import { LAUNCH_ERRORS, type LaunchErrorClass } from '~/launch-errors'
import { logFolder, segmentName } from '~/log-files'
import type { MachineKind } from '~/providers/registry'
import { days, hours, minutesAgo } from '../moments'
import type { Place } from '.'
import { COMFYUI_LOG, FILEBROWSER_LOG } from './logs'
import { actor, at, type People } from './people'

const LEASE = 60_000
const SECOND = 1 / 60
const SESSION_MS = 12 * 60 * 60_000

interface Wanted {
  kind?: MachineKind
  size?: string
}

/** Machines in every state, each written by the functions that a launch is written by. */
export function fillMachines({ db, dataDir }: Place, { ada, mo, lin }: People) {
  const claim = (user: User, name: string, since: number, { kind = 'comfyui', size = 'l4' }: Wanted = {}) => {
    const ref = launchMachine(db, { userId: user.id, kind, name, size }, actor(user), at(since))
    const held = claimLaunch(db, ref, { leaseMs: LEASE, clock: at(since - SECOND) })
    if (!held) throw new Error(`${name} can’t be claimed.`)
    recordTokens(db, held.claim, listProviderTokens(db, user.id), at(since - SECOND))
    return held.claim
  }
  const run = (user: User, name: string, since: number, wanted: Wanted = {}) => {
    const held = claim(user, name, since, wanted)
    const names = wanted.kind === 'trainer' ? (['trainer'] as const) : (['comfyui', 'filebrowser'] as const)
    const report = (text: string, after: number) =>
      addMachineEvent(db, held.machineId, text, minutesAgo(since - after * SECOND))
    report('Pulling the image slipway-comfyui: 4.1 GB of 6.3 GB', 8)
    for (const service of names) report(`Waiting for ${service} to answer`, 19)
    markRunning(
      db,
      held,
      names.map((service) => ({ name: service, address: 'http://127.0.0.1:9' })),
      at(since - 31 * SECOND),
      { sessionMs: SESSION_MS, gpus: wanted.size === 'standard' ? 0 : 1 },
    )
    return held.machineId
  }
  const fail = (user: User, name: string, since: number, errorClass: LaunchErrorClass, detail: string) => {
    const held = claim(user, name, since)
    const { message } = LAUNCH_ERRORS[errorClass]
    markFailed(db, held, { errorClass, message, detail }, at(since - 3))
    return held.machineId
  }
  const stop = (user: User, id: string, after: number) => {
    stopMachine(db, user.id, id, actor(user), at(after))
    const held = claimStop(db, id, { leaseMs: LEASE, clock: at(after) })
    if (held) markStopped(db, held, at(after - SECOND))
  }
  const print = (machineId: string, service: string, text: string) => {
    const folder = logFolder(dataDir, machineId)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, segmentName({ folder, service, attempt: 1 }, 0)), text)
  }

  const first = run(ada, 'First try', days(9), { size: 'standard' })
  stop(ada, first, days(9) - 180)
  stop(mo, run(mo, 'Product shots', days(3)), days(3) - 300)
  const upscales = run(ada, 'Upscales', days(2))
  stop(ada, upscales, days(2) - 410)
  fail(
    lin,
    'Video tests',
    hours(20),
    'gpu_unavailable',
    'docker: could not select device driver "nvidia" with capabilities: [[gpu]]',
  )
  fail(
    mo,
    'Product shots',
    hours(6),
    'start_timeout',
    'comfyui did not answer on port 8188 within 180 s; it last printed: Loading custom nodes',
  )
  const studio = run(ada, 'Studio', 102)
  run(mo, 'Storyboards', 88, { size: 'a100' })
  run(lin, 'Style LoRA', hours(4), { kind: 'trainer', size: 'a100' })
  const trainer = run(ada, 'Lighthouse LoRA', 47, { kind: 'trainer', size: 'a100' })
  const failed = fail(
    ada,
    'Portraits',
    25,
    'service_exited',
    'comfyui ended with exit code 1: ModuleNotFoundError: No module named ‘insightface’',
  )
  markActive(db, studio, at(3))
  print(studio, 'comfyui', COMFYUI_LOG)
  print(studio, 'filebrowser', FILEBROWSER_LOG)
  print(
    failed,
    'comfyui',
    `${COMFYUI_LOG.slice(0, 600)}\nModuleNotFoundError: No module named 'insightface'\n`,
  )
  const starting = claim(lin, 'Backdrops', 1).machineId
  const queued = launchMachine(
    db,
    { userId: ada.id, kind: 'comfyui', name: 'Sketches', size: 'l4' },
    actor(ada),
    at(2),
  ).machineId

  const save = (name: string, machineId: string, since: number) => {
    const { id } = createCloudSave(db, { userId: ada.id, machineId, name }, actor(ada), at(since))
    const held = claimSave(db, id, { leaseMs: LEASE, clock: at(since) })
    if (!held) throw new Error(`${name} can’t be claimed.`)
    return held.claim
  }
  const archive = { bytes: 12.4e9, bytesTotal: 13.1e9, sha256: '9f2c4b71'.repeat(8), notes: null }
  markSaved(db, save('Before the update', upscales, days(2) - 60), archive, at(days(2) - 54))
  const notes = 'Left out user/default/comfy.settings.json: it holds one of your tokens.'
  markSaved(db, save('Lighthouse series', studio, 40), { ...archive, notes }, at(36))
  const noRoom = {
    errorClass: 'disk_full',
    message:
      'The server’s disk has 2.1 GB too little room for this save. Delete saves or files that you no longer need, and save again.',
    detail: 'ENOSPC',
  }
  markSaveFailed(db, save('All experiments', upscales, days(1)), noRoom, at(days(1) - 4))
  renewSave(
    db,
    save('Studio today', studio, 1),
    { bytesDone: 5.2e9, bytesTotal: 13.1e9 },
    { leaseMs: LEASE, clock: at(0) },
  )
  return { studio, trainer, failed, starting, queued, stopped: upscales }
}
