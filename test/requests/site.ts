import { eq } from 'drizzle-orm'
import { claimLaunch } from '~/db/machine-claims'
import { markRunning } from '~/db/machine-outcomes'
import { type LaunchRef, launchMachine } from '~/db/machine-requests'
import { findRequest } from '~/db/model-request-work'
import { createModelRequest } from '~/db/model-requests'
import type { Db } from '~/db/open'
import { machines, models, modelVersions } from '~/db/schema'
import type { User } from '~/db/users'
import { modelRequests } from '~/worker/requests/requests'
import { definitionSchema } from '~/workflows/definition'
import { Prompts } from '../fakes/prompts'
import { SOMEBODY } from '../support/actors'
import { PromptRuntime } from '../support/runtimes'
import { STANDARD } from '../support/sizes'
import { testDeps } from '../support/worker-deps'

const LARGE = { ...STANDARD, name: 'large', label: 'Large' }

/** `ada/one`, which any size runs, and `ada/large`, which a large one does. */
export function publishModels(db: Db, admin: User): void {
  for (const [id, size] of [
    ['ada/one', undefined],
    ['ada/large', 'large'],
  ] as const) {
    const definition = definitionSchema.parse({
      title: 'One',
      size,
      inputs: [{ name: 'text', title: 'Text', type: 'text', node: 'one', field: 'text' }],
      outputs: [{ name: 'image', title: 'Image', node: 'one' }],
    })
    const workflow = { one: { class_type: 'One', inputs: { text: '' } } }
    const row = {
      id,
      userId: admin.id,
      visibility: 'everyone',
      version: 1,
      createdAt: 0,
      updatedAt: 0,
    } as const
    db.insert(models).values(row).run()
    db.insert(modelVersions).values({ modelId: id, version: 1, workflow, definition, createdAt: 0 }).run()
  }
}

/** Two models, and workers that run requests of them on fakes. */
export function requestSite() {
  const system = testDeps(new PromptRuntime())
  const { db, clock, admin } = system
  const deps = {
    ...system.deps,
    machineSizes: [STANDARD, LARGE],
    timings: { ...system.deps.timings, retryDelayMs: () => 5 },
  }
  const prompts = new Prompts()
  publishModels(db, admin)

  let calls = 0
  const call = (user = admin, modelId = 'ada/one') => {
    clock.advance(1)
    const inputs = { text: `${++calls}` }
    const given = { userId: user.id, modelId, version: 1, inputs, given: inputs }
    return createModelRequest(db, given, { queuedMax: 100, limits: {}, clock }).id
  }
  const row = (id: string) => {
    const found = findRequest(db, id)
    if (!found) throw new Error('There is no request.')
    return found
  }
  const run = (ref: LaunchRef, services: ('comfyui' | 'filebrowser')[] = ['comfyui', 'filebrowser']) => {
    const claimed = claimLaunch(db, ref, { leaseMs: 60_000, clock })
    if (!claimed) throw new Error('It can’t be launched.')
    const at = services.map((name) => ({ name, address: `http://${ref.machineId}/${name}` }))
    markRunning(db, claimed.claim, at, clock)
  }
  const machine = (user = admin, size = 'standard') => {
    const ref = launchMachine(db, { userId: user.id, kind: 'comfyui', name: 'Mine', size }, SOMEBODY, clock)
    run(ref)
    return ref
  }
  /** Its processes are gone, as the sweeper finds it. */
  const lose = ({ machineId }: LaunchRef) =>
    db.update(machines).set({ status: 'failed' }).where(eq(machines.id, machineId)).run()

  const worker = (shutdown = new AbortController(), changed: Partial<typeof deps> = {}) => ({
    ...modelRequests({ ...deps, ...changed }, prompts.tools, shutdown.signal),
    shutdown,
  })
  /** A pass of a worker, and all that it began. */
  const serveAll = async () => {
    const one = worker()
    await one.pass()
    await one.ended()
  }
  const allMachines = () => db.select().from(machines).orderBy(machines.createdAt, machines.id).all()
  return { ...system, deps, prompts, call, row, run, machine, lose, worker, serveAll, allMachines }
}
