import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { expect } from 'vitest'
import { publishModel } from '~/db/model-publications'
import { findRequest } from '~/db/model-request-work'
import { createModelRequest, getRequestInputs, listResultFiles } from '~/db/model-requests'
import { machineServices, machines, modelRequests } from '~/db/schema'
import { chooseUsername, type User } from '~/db/users'
import { requestErrorCure } from '~/request-errors'
import { resultFile, resultsOfUser } from '~/result-files'
import { definitionSchema, type ModelSource } from '~/workflows/definition'
import { plainPicture } from '../comfyui/workflows'
import { SOMEBODY } from '../support/actors'
import type { Faults } from '../support/comfyui/faults.mjs'
import { png } from '../support/comfyui/png.mjs'
import { faultSystem } from '../support/fault-system'
import { killProcess } from '../support/processes'
import type { RunningProgram } from '../support/start-program'
import { until } from '../support/until'

const PROGRAM = join(process.cwd(), 'test/support/programs/comfyui.mjs')
const SIZE = 16

/** The shell line of a stand-in that begins with these faults. @param gate a file that it waits for before it starts */
export const standIn = (faults: Faults, gate?: string) =>
  `${gate ? `while [ ! -e "${gate}" ]; do sleep 0.05; done; ` : ''}exec "${process.execPath}" "${PROGRAM}" '${JSON.stringify(faults)}'`

/**
 * A back end on real parts with a model that two users call. Each call paints a colour of its own, so that a picture
 * shows whose it is.
 */
export async function requestSystem({ sources = [] as ModelSource[] } = {}) {
  const system = await faultSystem()
  const { db, dataDir, admin, member, queue } = system
  const id = 'ada/colour'
  chooseUsername(db, admin.id, 'ada', SOMEBODY, Date.now)
  const loaders = sources.map(
    ({ name }, at) =>
      [`load ${at}`, { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: name } }] as const,
  )
  const workflow = { ...plainPicture(0, SIZE), ...Object.fromEntries(loaders) }
  const definition = definitionSchema.parse({
    title: 'Colour',
    inputs: [{ name: 'colour', title: 'Colour', type: 'integer', node: '1', field: 'color' }],
    outputs: [{ name: 'images', title: 'Images', node: '2' }],
    sources,
  })
  const model = { userId: admin.id, id, visibility: 'everyone', workflow, definition } as const
  publishModel(db, model, SOMEBODY, Date.now)

  const row = (requestId: string) => {
    const found = findRequest(db, requestId)
    if (!found) throw new Error(`There is no request ${requestId}.`)
    return found
  }
  const addressOf = (machineId: string | null) =>
    db
      .select()
      .from(machineServices)
      .where(eq(machineServices.machineId, machineId ?? ''))
      .all()
      .find(({ name }) => name === 'comfyui')?.address
  let calls = 0

  /** What the ComfyUIs of all machines ever took; a line may be half written still. */
  const accepted = () =>
    readdirSync(join(dataDir, 'workspaces'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('accepted-prompts.jsonl'))
      .flatMap((name) =>
        readFileSync(join(dataDir, 'workspaces', name), 'utf8')
          .split('\n')
          .slice(0, -1),
      )
      .map((line): string => JSON.parse(line).mark)

  return {
    ...system,
    row,
    accepted,

    /** As the procedure does it: durable first, then a hint for the workers. */
    async call(user: User): Promise<string> {
      const inputs = { colour: ++calls }
      const given = { userId: user.id, modelId: id, version: 1, inputs, given: inputs }
      const { id: requestId } = createModelRequest(db, given, {
        queuedMax: 100,
        limits: {},
        clock: Date.now,
      })
      await queue.add({ job: 'request', id: requestId })
      return requestId
    },

    /** Once all of them are in this stage. */
    reach: (stage: string, ids: string[]) =>
      until(`they are ${stage}`, () => ids.every((each) => row(each).stage === stage)),

    ended: (ids: string[]) =>
      until('they have ended', () => ids.every((each) => row(each).endedAt !== null && !row(each).unsettled)),

    /** Has the ComfyUI of a request's machine behave so from now on; what it held goes on. */
    async misbehave(requestId: string, faults: Faults) {
      await fetch(`${addressOf(row(requestId).machineId)}/__faults`, {
        method: 'POST',
        body: JSON.stringify(faults),
      })
    },

    /** Lets what waits in nodes go on, for good. */
    async release(requestId: string) {
      await fetch(`${addressOf(row(requestId).machineId)}/__release`, { method: 'POST' })
    },

    killComfyUi(requestId: string) {
      const { machineId } = row(requestId)
      const found = system
        .processes()
        .find((each) => each.machineId === machineId && each.service === 'comfyui' && each.isLeader)
      if (!found) throw new Error('Its machine has no ComfyUI.')
      killProcess(found.pid)
    },

    /** Not in the middle of a write, with which it would lock everybody else out. */
    async suspend(worker: RunningProgram) {
      db.$client.exec('begin immediate')
      worker.signal('SIGSTOP')
      await system.suspended(worker)
      db.$client.exec('rollback')
    },

    /** As though the time of every lease had passed: whoever held one is dead or asleep. */
    leasesRunOut() {
      db.update(modelRequests).set({ leaseUntil: 0 }).run()
      db.update(machines).set({ leaseUntil: 0 }).run()
    },

    /**
     * Every request has ended with a picture or a reason, on a machine of its caller's; ComfyUI took none twice and
     * none that it isn't known to have; files are their callers'; and nothing runs that shouldn't.
     */
    async expectSound() {
      const all = db.select().from(modelRequests).all()
      for (const request of all) {
        const machine = request.machineId ? system.machine(request.machineId) : undefined
        expect([request.id, machine?.userId]).toEqual([request.id, request.userId])
        if (request.status === 'failed') expect(requestErrorCure(request.errorClass ?? '')).toBeDefined()
        else expect(request.status).toBe('completed')
      }
      const taken = accepted()
      expect(taken.sort()).toEqual(
        all.flatMap(({ acceptedAt, promptId }) => (acceptedAt ? (promptId ?? []) : [])).sort(),
      )

      for (const { id: userId } of [admin, member]) {
        const own = all.filter((request) => request.userId === userId && request.status === 'completed')
        const folder = resultsOfUser(dataDir, userId)
        expect(existsSync(folder) ? readdirSync(folder).sort() : []).toEqual(
          own.map((each) => each.id).sort(),
        )
        for (const request of own) {
          const [file, ...more] = listResultFiles(db, request.id)
          expect(more).toEqual([])
          const content = readFileSync(
            resultFile(dataDir, { userId, requestId: request.id, position: file?.position ?? -1 }),
          )
          const colour = Number(getRequestInputs(db, userId, request.id)?.colour)
          expect(content.equals(png({ width: SIZE, height: SIZE, colour }))).toBe(true)
        }
      }
      await system.expectHealthy(['comfyui', 'filebrowser'])
    },
  }
}
