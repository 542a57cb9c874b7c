import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listAuditEntries } from '~/db/audit'
import { launchMachine } from '~/db/machine-requests'
import { findRequestMachine } from '~/db/model-request-machines'
import { markRequestWaiting } from '~/db/model-request-outcomes'
import { markSubmitted } from '~/db/model-request-progress'
import { findQueueState } from '~/db/model-request-queue'
import { cancelModelRequest, listResultFiles } from '~/db/model-requests'
import { saveProviderToken } from '~/db/provider-tokens'
import { bringModelFiles } from '~/worker/requests/model-files'
import { RequestError } from '~/worker/requests/request-error'
import { SOMEBODY } from '../support/actors'
import { until } from '../support/until'
import { requestSite } from './site'

const LEASE_MS = 15_000
const STAGES = ['missing', 'models', 'inputs', 'submit', 'follow', 'results'] as const
const IS_SUBMITTED = new Set<string>(['follow', 'results'])
const FILE = { name: 'one.safetensors', nodeClass: 'One', field: 'text' }

/** A request that hangs in this stage of a worker. */
async function hanging(stage: (typeof STAGES)[number]) {
  const site = requestSite()
  const { machine, call, prompts, worker } = site
  prompts.missing.files.push(FILE)
  prompts.stuck = stage
  const ref = machine()
  const id = call()
  const first = worker()
  first.begin(id)
  await until(`it hangs: ${stage}`, () => prompts.seen.includes(stage))
  return { ...site, ref, id, first }
}

test('a request runs with its inputs, and is completed with its files and texts', async () => {
  const { machine, call, serveAll, row, prompts, db } = requestSite()
  const { machineId } = machine()
  const id = call()
  await serveAll()
  expect(prompts.submitted).toMatchObject([{ text: '1', address: `http://${machineId}/comfyui` }])
  expect(row(id)).toMatchObject({
    status: 'completed',
    texts: { caption: ['a cat'] },
    stage: null,
    machineId,
  })
  expect(listResultFiles(db, id)).toMatchObject([{ name: 'a.png', bytes: 3 }])
})

test('progress reaches the row, and each change has a revision of its own', async () => {
  const { row, id, first, prompts } = await hanging('follow')
  expect(row(id)).toMatchObject({ stage: 'running', progress: 0.25, progressText: 'Running Sampler.' })
  const { revision } = row(id)
  prompts.release()
  await first.ended()
  expect(row(id).revision).toBeGreaterThan(revision)
})

test.each(STAGES)(
  'whose worker dies in the stage of %s is finished by another, handed over once',
  async (stage) => {
    const { id, row, clock, worker, prompts, first } = await hanging(stage)
    // It sleeps until another one has taken over.
    clock.advance(LEASE_MS + 1)
    prompts.stuck = undefined
    const second = worker()
    await second.pass()
    await second.ended()
    prompts.release()
    await first.ended()
    // Cut off before ComfyUI had answered, nobody can know.
    const expected =
      stage === 'submit' ? { status: 'failed', errorClass: 'outcome_unknown' } : { status: 'completed' }
    expect(row(id)).toMatchObject(expected)
    expect(prompts.submitted).toHaveLength(1)
    if (stage === 'submit') expect(prompts.cancelled).toContain(prompts.submitted[0]?.promptId)
  },
)

test.each(STAGES)('cancelled in the stage of %s it stays so, and ComfyUI lets go of it', async (stage) => {
  const { id, row, db, clock, admin, prompts, first, deps } = await hanging(stage)
  const folder = join(deps.dataDir, 'results', admin.id, id)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, '0'), 'late')
  cancelModelRequest(db, admin.id, id, clock)
  if (stage === 'submit') prompts.release()
  await first.ended()
  expect(row(id)).toMatchObject({ status: 'cancelled', unsettled: false, stage: null })
  expect(prompts.states.size).toBe(0)
  expect(prompts.cancelled.length > 0).toBe(stage === 'submit' || IS_SUBMITTED.has(stage))
  expect(existsSync(folder)).toBe(false)
})

test.each(['models', 'follow'] as const)(
  'a shutdown in the stage of %s gives it back, and the next worker finishes it',
  async (stage) => {
    const { id, row, first, prompts, worker } = await hanging(stage)
    first.shutdown.abort()
    await first.ended()
    expect(row(id)).toMatchObject({ status: 'in_progress', leaseUntil: 0, tries: 0 })
    prompts.stuck = undefined
    const second = worker()
    await second.pass()
    await second.ended()
    expect(row(id)).toMatchObject({ status: 'completed' })
    expect(prompts.submitted).toHaveLength(1)
  },
)

test.each(STAGES)(
  'whose machine ends in the stage of %s fails only where ComfyUI may have had it',
  async (stage) => {
    const { id, row, ref, lose, prompts, first } = await hanging(stage)
    lose(ref)
    // Nothing else is waited for, whether it answers or not.
    if (stage === 'submit') prompts.fail()
    await first.ended()
    const lost = { status: 'failed', errorClass: 'machine_lost', unsettled: false }
    const again = { status: 'in_queue', startedAt: null, notBefore: 0 }
    expect(row(id)).toMatchObject(stage === 'submit' || IS_SUBMITTED.has(stage) ? lost : again)
  },
)

test('that nobody could reach is tried again, and fails in the end with the reason', async () => {
  const { machine, call, serveAll, row, prompts, clock, allMachines, db } = requestSite()
  machine()
  prompts.unreachable = Number.POSITIVE_INFINITY
  const id = call()
  for (let n = 0; n < 3; n++) {
    await serveAll()
    expect(row(id)).toMatchObject({ status: 'in_queue', machineId: null })
    expect(findQueueState(db, row(id)).waitsFor).toContain('trying again soon')
    clock.advance(1000)
  }
  await serveAll()
  expect(row(id)).toMatchObject({ status: 'failed', errorClass: 'comfyui_unreachable', tries: 4 })
  expect(allMachines()).toMatchObject([{ status: 'running' }])
  expect(prompts.submitted).toEqual([])
})

test('a machine for requests whose ComfyUI nobody could reach is stopped, and the next request gets another', async () => {
  const { call, serveAll, row, run, prompts, clock, allMachines, added } = requestSite()
  const id = call()
  await serveAll()
  const ref = { machineId: allMachines()[0]?.id ?? '', attempt: 1 }
  run(ref)
  prompts.unreachable = 4
  for (let n = 0; n < 4; n++) {
    await serveAll()
    clock.advance(1000)
  }
  expect(row(id)).toMatchObject({ status: 'failed', errorClass: 'comfyui_unreachable' })
  expect(allMachines()).toMatchObject([{ status: 'stopping' }])
  expect(added).toContainEqual({ job: 'stop', ...ref })
  const next = call()
  await serveAll()
  expect(row(next).machineId).not.toBe(ref.machineId)
})

test('an answer of ComfyUI’s that got lost is looked for, and the prompt is not handed over again', async () => {
  const { machine, call, serveAll, row, prompts } = requestSite()
  machine()
  prompts.onSubmit = (promptId) => {
    prompts.submitted.push({ promptId, address: '', text: '' })
    prompts.states.set(promptId, { kind: 'running' })
    throw new RequestError('comfyui_unreachable', 'the answer got lost')
  }
  const id = call()
  await serveAll()
  expect(row(id)).toMatchObject({ status: 'completed' })
  expect(row(id).acceptedAt).not.toBeNull()
  expect(prompts.submitted).toHaveLength(1)
})

test('of a ComfyUI that lost it after taking it, it fails without a word of a machine that ended', async () => {
  const { id, row, prompts, first } = await hanging('follow')
  prompts.states.clear()
  prompts.release()
  await first.ended()
  expect(row(id)).toMatchObject({
    status: 'failed',
    errorClass: 'machine_lost',
    errorMessage: expect.stringMatching(/^ComfyUI no longer has it: it restarted, or somebody removed it/),
    unsettled: false,
  })
})

test('ComfyUI that is away for a while is asked again as long as the machine runs', async () => {
  const { id, row, prompts, first } = await hanging('follow')
  prompts.unreachable = 3
  prompts.stuck = undefined
  prompts.states.set(prompts.submitted[0]?.promptId ?? '', { kind: 'running' })
  prompts.release()
  await first.ended()
  expect(row(id)).toMatchObject({ status: 'completed' })
})

test('that takes too long fails, and ComfyUI lets go of it', async () => {
  const { id, row, prompts, first, clock, deps } = await hanging('follow')
  clock.advance(deps.requests.timeoutMs)
  await first.ended()
  expect(row(id)).toMatchObject({ status: 'failed', errorClass: 'timed_out', unsettled: false })
  expect(prompts.cancelled).toHaveLength(1)
})

test('one that nobody took back at ComfyUI is settled by any worker', async () => {
  const { id, row, db, admin, clock, prompts, first, worker } = await hanging('follow')
  first.shutdown.abort()
  await first.ended()
  cancelModelRequest(db, admin.id, id, clock)
  expect(row(id).unsettled).toBe(true)
  const second = worker()
  await second.pass()
  await second.ended()
  expect(row(id)).toMatchObject({ status: 'cancelled', unsettled: false })
  expect(prompts.cancelled).toHaveLength(1)
})

test('whose answer to the prompt never comes is taken back, though it was cancelled and settled before', async () => {
  const { id, row, db, admin, clock, prompts, first, worker } = await hanging('submit')
  cancelModelRequest(db, admin.id, id, clock)
  clock.advance(LEASE_MS + 1)
  const second = worker()
  await second.pass()
  await second.ended()
  expect(row(id)).toMatchObject({ status: 'cancelled', unsettled: false })
  prompts.onSubmit = (promptId) => {
    prompts.states.set(promptId, { kind: 'running' })
    throw new RequestError('comfyui_unreachable', 'no answer')
  }
  await until('its worker knows', () => prompts.held?.aborted === true)
  prompts.release()
  await first.ended()
  expect(prompts.states.size).toBe(0)
  expect(row(id)).toMatchObject({ status: 'cancelled', unsettled: false })
})

test('that takes too long while ComfyUI can’t be reached fails, and is settled once it can', async () => {
  const { id, row, prompts, first, clock, deps, worker } = await hanging('follow')
  prompts.unreachable = Number.POSITIVE_INFINITY
  clock.advance(deps.requests.timeoutMs)
  await first.ended()
  expect(row(id)).toMatchObject({ status: 'failed', errorClass: 'timed_out', unsettled: true })
  expect(prompts.states.size).toBe(1)
  prompts.unreachable = 0
  clock.advance(LEASE_MS + 1)
  const second = worker()
  await second.pass()
  await second.ended()
  expect(row(id)).toMatchObject({ status: 'failed', errorClass: 'timed_out', unsettled: false })
  expect(prompts.states.size).toBe(0)
})

test('whose machines end before anything is handed over fails by that, not by a crash', async () => {
  const { machine, call, row, lose, prompts, worker } = requestSite()
  const id = call()
  prompts.stuck = 'missing'
  for (let n = 1; n <= 4; n++) {
    expect(row(id)).toMatchObject({ status: 'in_queue' })
    const ref = machine()
    const one = worker()
    await one.pass()
    await until('it hangs', () => prompts.seen.length === n)
    lose(ref)
    prompts.fail()
    await one.ended()
  }
  expect(row(id)).toMatchObject({
    status: 'failed',
    errorClass: 'machine_lost',
    errorMessage: 'The machine ended before this was handed to ComfyUI. It was tried 4 times.',
  })
})

test('that ends worker after worker fails instead of going on forever', async () => {
  const { id, row, clock, worker, prompts, first } = await hanging('missing')
  const workers = [first]
  for (let n = 0; n < 6; n++) {
    clock.advance(LEASE_MS + 1)
    const next = worker()
    workers.push(next)
    const before = prompts.seen.length
    await next.pass()
    if (n < 5) await until('it hangs again', () => prompts.seen.length > before)
    else await next.ended()
  }
  expect(row(id)).toMatchObject({ status: 'failed', errorClass: 'worker_lost' })
  await Promise.all(workers.map((one) => one.ended()))
})

test('what a node says when it fails is told without the caller’s tokens', async () => {
  const token = 'hf_CANARYrequests0123456789'
  const { machine, call, serveAll, row, prompts, deps, admin, lines } = requestSite()
  saveProviderToken(deps, admin.id, 'huggingface', token, SOMEBODY)
  machine()
  const said = { node: 'one', nodeClass: 'One', message: `401 for ${token}`, detail: `trace ${token}` }
  prompts.end = { kind: 'failed', ...said }
  const id = call()
  await serveAll()
  expect(row(id)).toMatchObject({ errorClass: 'node_failed', errorMessage: 'One failed: 401 for [secret]' })
  expect(JSON.stringify(row(id)) + lines.join('')).not.toContain(token)
})

test('nor does the detail of any other failure hold one', async () => {
  const token = 'hf_CANARYrequests0123456789'
  const { machine, call, serveAll, row, prompts, deps, admin } = requestSite()
  saveProviderToken(deps, admin.id, 'huggingface', token, SOMEBODY)
  machine()
  prompts.tools.bringInputs = async () => {
    throw new RequestError('input_unusable', `it said ${token}`)
  }
  const id = call()
  await serveAll()
  expect(row(id)).toMatchObject({ errorClass: 'input_unusable', errorDetail: 'it said [secret]' })
})

test('that a token was opened to be looked for is written down once an hour, and not at all without one', async () => {
  const { machine, call, serveAll, prompts, deps, db, admin, member, clock } = requestSite()
  saveProviderToken(deps, admin.id, 'huggingface', 'hf_CANARYrequests0123456789', SOMEBODY)
  prompts.end = { kind: 'failed', node: 'one', nodeClass: 'One', message: 'no', detail: 'no' }
  const fail = async (user: typeof admin) => {
    machine(user)
    call(user)
    await serveAll()
    return listAuditEntries(db, { action: 'provider_token_opened' }, { limit: 9 }).length
  }
  expect(await fail(member)).toBe(0)
  expect(await fail(admin)).toBe(1)
  expect(await fail(admin)).toBe(1)
  clock.advance(60 * 60_000)
  expect(await fail(admin)).toBe(2)
})

test('nodes that the machine lacks are named, and nothing is handed over', async () => {
  const { machine, call, serveAll, row, prompts } = requestSite()
  machine()
  prompts.missing.nodes = ['Fancy\nnode', 'x'.repeat(1000), ...Array(30).fill('Plain')]
  const id = call()
  await serveAll()
  expect(row(id)).toMatchObject({
    errorClass: 'nodes_missing',
    errorMessage: expect.stringMatching(/: Fancy node, x{99}…, (Plain, ){17}Plain and 12 more\.$/),
  })
  expect(prompts.submitted).toEqual([])
})

test('model files that a machine without a file manager lacks are named with where they belong and come from', async () => {
  const { run, call, serveAll, row, prompts, db, admin, clock } = requestSite()
  const given = { userId: admin.id, kind: 'comfyui', name: 'Mine', size: 'standard' } as const
  run(launchMachine(db, given, SOMEBODY, clock), ['comfyui'])
  prompts.tools.bringModelFiles = bringModelFiles
  prompts.missing.files = [{ name: 'one.safetensors', nodeClass: 'VAELoader', field: 'vae_name' }]
  const id = call()
  await serveAll()
  expect(row(id)).toMatchObject({
    errorClass: 'models_missing',
    errorMessage: expect.stringMatching(
      /one\.safetensors, which belongs into models\/vae \(look for it at https/,
    ),
  })
})

test('a request that was handed over is never handed over again nor goes back to the queue, whoever asks', async () => {
  const { id, row, db, clock, first, prompts } = await hanging('follow')
  const claim = { id, fence: row(id).fence }
  expect(markSubmitted(db, claim, 'another', clock)).toBe(false)
  expect(markRequestWaiting(db, claim, 0)).toBe(false)
  prompts.release()
  await first.ended()
})

test('a request finds its machine while that runs as it did, and never somebody else’s', async () => {
  const { db, machine, call, row, member } = requestSite()
  const { machineId } = machine()
  const of = (changes: object) =>
    findRequestMachine(db, { ...row(id), machineId, machineAttempt: 1, ...changes })
  const id = call()
  expect(of({})?.addresses.get('comfyui')).toBe(`http://${machineId}/comfyui`)
  expect(of({ userId: member.id })).toBeUndefined()
  expect(of({ machineAttempt: 2 })).toBeUndefined()
})
