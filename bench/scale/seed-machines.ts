import { newId } from '~/db/ids'
import { LAUNCH_ERRORS, type LaunchErrorClass } from '~/launch-errors'
import type { Seeding } from './seed'

const SPAN_MS = 3 * 365 * 24 * 60 * 60_000
const RUNS_MS = 60 * 60_000
const DAY_MS = 24 * RUNS_MS
const SAVES_OF_ADMIN = 30
/** Of every other failure; the rest have each of the classes. */
const USUAL: LaunchErrorClass = 'start_timeout'
const CLASSES = Object.keys(LAUNCH_ERRORS) as LaunchErrorClass[]

/**
 * Machines over three years, each with the rows that a launch leaves: those that run are the newest. Whatever the
 * amounts are, the administrator's have all stopped, so that their pages are alike.
 */
export function seedMachines(seeding: Seeding): void {
  const { into, amounts, now, userIds } = seeding
  const failedEvery = Math.floor(amounts.machines / amounts.failed)
  const adminsEvery = Math.floor(amounts.machines / amounts.ofAdmin)
  for (let n = 0; n < amounts.machines; n++) {
    const isRunning = n >= amounts.machines - amounts.running
    const isAdmins = n % adminsEvery === 0 && !isRunning
    seedMachine(seeding, {
      n,
      userId: userIds[isAdmins ? 0 : 1 + (n % (userIds.length - 1))] as string,
      createdAt: now - RUNS_MS - Math.floor((SPAN_MS * (amounts.machines - n)) / amounts.machines),
      status: isRunning ? 'running' : n % failedEvery === 1 ? 'failed' : 'stopped',
      errorClass: classOf(Math.floor(n / failedEvery)),
    })
  }
  for (let n = 0; n < amounts.saves; n++)
    into.saves({
      id: newId(),
      userId: userIds[n < SAVES_OF_ADMIN ? 0 : n % userIds.length] as string,
      name: `Save ${n}`,
      kind: 'comfyui',
      machineId: newId(),
      machineName: 'ComfyUI',
      workspaceId: newId(),
      status: 'saved',
      bytes: 1e9,
      sha256: 'a'.repeat(64),
      createdAt: now - n * RUNS_MS,
      endedAt: now - n * RUNS_MS,
    })
}

const classOf = (failure: number) =>
  failure % 2 ? USUAL : (CLASSES[(failure / 2) % CLASSES.length] as LaunchErrorClass)

interface Given {
  n: number
  userId: string
  createdAt: number
  status: 'running' | 'failed' | 'stopped'
  /** Should it have failed. */
  errorClass: LaunchErrorClass
}

function seedMachine({ into, now }: Seeding, { n, userId, createdAt, status, errorClass }: Given): void {
  const id = newId()
  const name = `Machine ${n}`
  const endedAt = createdAt + (status === 'failed' ? 30_000 : RUNS_MS)
  const attempt = status === 'failed' && n % 20 === 0 ? 2 : 1
  const row = { id, userId, kind: 'comfyui', name, workspaceId: newId(), status, attempt } as const
  into.machines({
    ...row,
    errorClass: status === 'failed' ? errorClass : null,
    tries: 1,
    fence: attempt,
    leaseUntil: 0,
    notBefore: 0,
    queuedAt: createdAt,
    activeAt: status === 'failed' ? null : endedAt,
    createdAt,
    updatedAt: status === 'running' ? createdAt + 3000 : endedAt,
  })
  for (let count = 1; count <= attempt; count++)
    into.attempts({
      machineId: id,
      attempt: count,
      startedAt: createdAt,
      endedAt: status === 'running' ? createdAt + 3000 : endedAt,
      ...(status === 'failed' && {
        errorClass,
        errorMessage: LAUNCH_ERRORS[errorClass].message,
        errorDetail: 'exit code 1: Traceback (most recent call last) in main.py',
      }),
    })
  const texts = ['Queued', 'Starting', 'Took the saved tokens: Hugging Face hf_bbb••••••••']
  if (status === 'failed') texts.push(LAUNCH_ERRORS[errorClass].message)
  else texts.push('Running', ...(status === 'stopped' ? ['Stopping', 'Stopped'] : []))
  texts.forEach((text, place) => void into.events({ machineId: id, at: createdAt + place * 1000, text }))
  if (status !== 'failed')
    for (const service of ['comfyui', 'filebrowser'] as const)
      into.services({ machineId: id, name: service, address: 'http://127.0.0.1:9' })
  if (status !== 'failed') {
    const run = {
      machineId: id,
      attempt,
      userId,
      machineName: name,
      kind: 'comfyui',
      size: 'standard',
    } as const
    const startedAt = createdAt + 3000
    const ended = status === 'running' ? null : endedAt
    into.runs({ ...run, gpus: 1, requestedAt: createdAt, startedAt, endedAt: ended })
    const file = { bytes: 1e9, host: 'huggingface.co', name: 'model.safetensors' }
    if (startedAt > now - 400 * DAY_MS) into.downloads({ id, userId, machineId: id, at: startedAt, ...file })
  }
  const held = { visible: 'hf_bbb', fingerprint: userId, takenAt: createdAt }
  for (const provider of ['huggingface', 'civitai'] as const) into.held({ machineId: id, provider, ...held })
  seedAudit({ into }, { id, name, userId, at: createdAt, isStopped: status === 'stopped' })
}

function seedAudit(
  { into }: Pick<Seeding, 'into'>,
  {
    id,
    name,
    userId,
    at,
    isStopped,
  }: { id: string; name: string; userId: string; at: number; isStopped: boolean },
): void {
  const subject = { subjectId: userId, subjectName: 'Somebody' }
  const owner = { actorKind: 'user', actorId: userId, actorName: 'Somebody', address: '192.0.2.1' } as const
  const worker = { actorKind: 'worker', actorId: null, actorName: 'Worker', address: null } as const
  const target = `${name} (${id})`
  into.audit({ at, action: 'machine_launched', ...owner, ...subject, target })
  for (const provider of ['Hugging Face', 'Civitai'])
    into.audit({
      at,
      action: 'provider_token_opened',
      ...worker,
      ...subject,
      target: provider,
      detail: `For attempt 1 of ${target}`,
    })
  if (isStopped) into.audit({ at, action: 'machine_stopped', ...owner, ...subject, target })
}
