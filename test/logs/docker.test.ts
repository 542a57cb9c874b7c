import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { logExtent, logFolder, readLog, type ServiceLog } from '~/log-files'
import { pieceReader } from '~/worker/runtimes/docker/log-entries'
import { noEngine, serviceImage, startEngine, type TestEngine } from '../support/engine'
import { faultSystem } from '../support/fault-system'
import { until } from '../support/until'

let engine: TestEngine

// Containers take seconds on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

beforeAll(async () => {
  if (noEngine) return
  engine = await startEngine({ liveRestore: true })
  await serviceImage(engine.docker, 'counts')
}, 120_000)
afterAll(() => engine?.remove())

/** A machine in Docker that prints all the time, and workers to begin and to kill. */
async function counting() {
  const system = await faultSystem()
  const { docker, dockerHost } = engine
  const mine = { filters: { label: [`slipway.installation=${system.installation.id}`] } }
  onTestFinished(async () => {
    for (const { Id } of await docker.listContainers({ all: true, ...mine }))
      await docker.getContainer(Id).remove({ force: true })
    for (const { Id } of await docker.listNetworks(mine)) await docker.getNetwork(Id).remove()
  })
  const startWorker = () =>
    system.startWorker({
      docker: { dockerHost, comfyuiImage: undefined, filebrowserImage: 'slipway-test:counts' },
    })
  const worker = await startWorker()
  const { machineId } = await system.launch()
  await system.has(machineId, 'running')
  const log: ServiceLog = { folder: logFolder(system.dataDir, machineId), service: 'filebrowser', attempt: 1 }
  const text = async () => (await readLog(log, 0, Number.MAX_SAFE_INTEGER)).bytes.toString()
  return {
    ...system,
    worker,
    startWorker,
    machineId,
    text,
    /** Waits until the log has grown. */
    async grows() {
      const { size } = logExtent(log)
      await until('the log grows', () => logExtent(log).size > size + 500)
    },
    async engineText() {
      const [found] = await docker.listContainers(mine)
      const output = await docker.getContainer(found?.Id ?? '').logs({ stdout: true, stderr: true })
      return Buffer.concat(pieceReader()(output as unknown as Buffer)).toString()
    },
  }
}

const numbersIn = (text: string) => text.trimEnd().split('\n').slice(0, -1).map(Number)
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1)

describe.skipIf(noEngine)('on the real Engine', () => {
  test('whichever workers are killed, every line is in the log once, in order, to the last word', async () => {
    const { worker, startWorker, grows, stop, has, machineId, text } = await counting()
    await grows()
    const second = await startWorker()
    await grows()
    worker.signal('SIGKILL')
    await worker.ended
    await grows()
    second.signal('SIGKILL')
    await second.ended
    const third = await startWorker()
    await startWorker()
    await grows()
    third.signal('SIGTERM')
    await third.ended
    await grows()
    await stop(machineId)
    await has(machineId, 'stopped')
    const numbers = numbersIn(await text())
    expect(numbers).toEqual(upTo(numbers.length))
    expect(await text()).toMatch(/\nGoodbye\n$/)
  })

  test('when the Engine is killed and comes back, the log goes on with all that it kept, once', async () => {
    const { grows, text, engineText, worker } = await counting()
    await grows()
    await engine.kill()
    await engine.start()
    await grows()
    const kept = await engineText()
    await until('the log has caught up', async () => (await text()).length >= kept.length)
    expect((await text()).slice(0, kept.length)).toBe(kept)
    expect(worker.output.join('\n')).not.toMatch(/"logs"/)
  })
})
