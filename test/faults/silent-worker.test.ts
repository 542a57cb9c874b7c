import { Worker } from 'bullmq'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { launchMachine } from '~/db/machine-requests'
import { findMachine } from '~/db/machine-states'
import { listWorkers } from '~/db/workers'
import { SOMEBODY } from '../support/actors'
import { PromptRuntime } from '../support/runtimes'
import { until } from '../support/until'
import { installationWithRedis } from '../support/worker-here'

const OFTEN = { beatEveryMs: 50 }
const ANEW = 'connecting to it anew'

/** BullMQ's workers, in the order in which they were made. */
function recordWorkers() {
  const on = vi.spyOn(Worker.prototype, 'on')
  onTestFinished(() => on.mockRestore())
  return () => [...new Set(on.mock.contexts as Worker[])]
}

describe('a worker that beats and to which the queue brings nothing any more', () => {
  test('is seen, connects anew by itself, and takes jobs again', async () => {
    const workersMade = recordWorkers()
    const { db, admin, queue, startWorkerHere } = await installationWithRedis()
    const runtime = new PromptRuntime()
    const lines = startWorkerHere(runtime, OFTEN)
    await until('it takes jobs', () => listWorkers(db, Date.now)[0]?.state === 'working')
    await workersMade()[0]?.pause(true)
    await until('it connects anew', () => lines.some((line) => line.includes(ANEW)))
    const machine = { userId: admin.id, kind: 'comfyui', name: 'One' } as const
    const ref = launchMachine(db, machine, SOMEBODY, Date.now)
    await queue.add({ job: 'launch', ...ref })
    await until('the launch runs', () => findMachine(db, ref.machineId)?.status === 'running')
    expect(runtime.plans).toHaveLength(1)
  })

  test('does so too when another one takes all jobs, which is left as it is', async () => {
    const workersMade = recordWorkers()
    const { db, startWorkerHere } = await installationWithRedis()
    const silenced = startWorkerHere(new PromptRuntime(), OFTEN)
    const well = startWorkerHere(new PromptRuntime(), OFTEN)
    await until('both take jobs', () =>
      [0, 1].every((which) => listWorkers(db, Date.now)[which]?.state === 'working'),
    )
    await workersMade()[0]?.pause(true)
    await until('the silent one connects anew', () => silenced.some((line) => line.includes(ANEW)))
    const anewAt = Date.now()
    await until('both take jobs again', () =>
      listWorkers(db, Date.now).every(({ takesJobsAt }) => takesJobsAt > anewAt),
    )
    expect(well.join('')).not.toContain(ANEW)
  })
})
