import { expect, test } from 'vitest'
import { launchMachine, stopMachine } from '~/db/machine-requests'
import { findMachine } from '~/db/machine-states'
import { SOMEBODY } from '../support/actors'
import { PromptRuntime } from '../support/runtimes'
import { until } from '../support/until'
import { installationWithRedis } from '../support/worker-here'

/** As many as a worker launches at once, at least. */
const MANY = 20

test('a machine is stopped though all places of its worker are taken by launches that take their time', async () => {
  const { db, admin, queue, startWorkerHere } = await installationWithRedis()
  const runtime = new PromptRuntime()
  const startAtOnce = runtime.start.bind(runtime)
  let places = 0
  runtime.start = async (plan, signal) => {
    if (places++ === 0) return startAtOnce(plan, signal)
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
  }
  startWorkerHere(runtime)
  const launch = async () => {
    const ref = launchMachine(db, { userId: admin.id, kind: 'comfyui', name: 'One' }, SOMEBODY, Date.now)
    await queue.add({ job: 'launch', ...ref })
    return ref.machineId
  }
  const status = (id: string) => findMachine(db, id)?.status
  const first = await launch()
  await until('it runs', () => status(first) === 'running')
  const others: string[] = []
  for (let n = 0; n < MANY; n++) others.push(await launch())
  await until('all places are taken', () => others.filter((id) => status(id) === 'starting').length >= 8)
  await queue.add({ job: 'stop', ...stopMachine(db, admin.id, first, SOMEBODY, Date.now) })
  await until('it is stopped', () => status(first) === 'stopped')
  expect(others.some((id) => status(id) === 'queued')).toBe(true)
})
