import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { retryLaunch } from '~/db/launch-retries'
import { SOMEBODY } from '../support/actors'
import { noEngine, serviceImage, startEngine, type TestEngine } from '../support/engine'
import { engineProxy } from '../support/engine-proxy'
import { faultSystem } from '../support/fault-system'
import { until } from '../support/until'

const SIGKILL = 'SIGKILL'
let engine: TestEngine

// Containers take seconds on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

beforeAll(async () => {
  if (!noEngine) engine = await withImages(await startEngine())
}, 120_000)
afterAll(() => engine?.remove())

async function withImages(started: TestEngine) {
  await serviceImage(started.docker, 'answers')
  await serviceImage(started.docker, 'waits-for', '/workspace/go')
  return started
}

/** A worker still lives, and its sweeper removes what is left of a machine too. */
function unlessGone(error: { statusCode?: number }) {
  if (![404, 409].includes(error.statusCode ?? 0)) throw error
}

/** A whole back end whose workers run machines on the Engine. */
async function dockerSystem({ docker, dockerHost } = engine) {
  const system = await faultSystem()
  const mine = { filters: { label: [`slipway.installation=${system.installation.id}`] } }
  const containers = () => docker.listContainers({ all: true, ...mine })
  onTestFinished(async () => {
    for (const { Id } of await containers())
      await docker.getContainer(Id).remove({ force: true }).catch(unlessGone)
    for (const { Id } of await docker.listNetworks(mine))
      await docker.getNetwork(Id).remove().catch(unlessGone)
  })
  return {
    ...system,
    containers,
    startWorker: ({
      filebrowser = 'answers',
      dockerHost: through = dockerHost,
      ...options
    }: { filebrowser?: string; dockerHost?: string } & Parameters<typeof system.startWorker>[0] = {}) =>
      system.startWorker({
        ...options,
        docker: {
          dockerHost: through,
          comfyuiImage: undefined,
          filebrowserImage: `slipway-test:${filebrowser}`,
        },
      }),
    /** One container and one network for each machine that runs, and none besides. */
    async expectExactly(machineIds: string[]) {
      await until('what ended is gone', async () => (await containers()).length <= machineIds.length)
      const found = await containers()
      expect(found.map(({ Labels }) => Labels['slipway.machine']).sort()).toEqual([...machineIds].sort())
      for (const { State } of found) expect(State).toBe('running')
      expect(await docker.listNetworks(mine)).toHaveLength(machineIds.length)
    },
  }
}

describe.skipIf(noEngine)('on the real Engine', () => {
  describe('faults 1 to 3: a worker is killed on the way', () => {
    for (const at of ['before-start', 'after-spawn', 'before-mark-running', 'after-mark-running'] as const)
      test(`the next one ends with one container (${at})`, async () => {
        const system = await dockerSystem()
        const doomed = await system.startWorker({ fault: { at, signal: SIGKILL } })
        const { machineId } = await system.launch()
        expect(await doomed.ended).toBe(SIGKILL)
        const [before] = await system.containers()
        await system.startWorker()
        await system.has(machineId, 'running')
        await system.expectExactly([machineId])
        const [after] = await system.containers()
        if (before) expect(after?.Id).toBe(before.Id)
        const [service] = system.details(machineId).services
        expect((await fetch(service?.address ?? '')).status).toBe(200)
      })
  })

  describe('fault 18: a machine is stopped while it starts', () => {
    test('it ends stopped, and nothing is left on the Engine', async () => {
      const system = await dockerSystem()
      await system.startWorker({ filebrowser: 'waits-for' })
      const { machineId } = await system.launch()
      await until('its container runs', async () => (await system.containers())[0]?.State === 'running')
      await system.stop(machineId)
      await system.has(machineId, 'stopped')
      await system.expectExactly([])
    })
  })

  describe('faults 26 and 29: a container dies', () => {
    test('the next sweep says so, and what is left is removed', async () => {
      const system = await dockerSystem()
      await system.startWorker()
      const { machineId } = await system.launch()
      await system.has(machineId, 'running')
      const [container] = await system.containers()
      await engine.docker.getContainer(container?.Id ?? '').kill()
      await system.has(machineId, 'failed')
      expect(system.details(machineId).error?.class).toBe('service_gone')
      await system.expectExactly([])
    })
  })

  describe('faults 35 and 36: containers that no machine accounts for', () => {
    test('ours is ended, and those of others are never touched', async () => {
      const system = await dockerSystem()
      const labelled = async (installation: string) => {
        const container = await engine.docker.createContainer({
          Image: 'slipway-test:answers',
          Env: ['PORT=1'],
          Labels: {
            'slipway.managed-by': 'slipway',
            'slipway.installation': installation,
            'slipway.machine': 'neverheardofitxx',
            'slipway.attempt': '1',
            'slipway.service': 'comfyui',
          },
        })
        await container.start()
        onTestFinished(() => container.remove({ force: true }).catch(() => undefined))
        return container
      }
      const foreign = await labelled('another-one')
      await labelled(system.installation.id)
      const worker = await system.startWorker()
      const { machineId } = await system.launch()
      await system.has(machineId, 'running')
      await system.expectExactly([machineId])
      await system.swept(worker)
      expect((await foreign.inspect()).State.Running).toBe(true)
    })
  })
})

describe.skipIf(noEngine)('while no worker runs', () => {
  test('fault 30: a container is made anew by hand on another port: the next sweep corrects its address', async () => {
    const system = await dockerSystem()
    const first = await system.startWorker()
    const { machineId } = await system.launch()
    await system.has(machineId, 'running')
    const [before] = system.details(machineId).services
    first.signal('SIGTERM')
    await first.ended
    const [found] = await system.containers()
    const container = engine.docker.getContainer(found?.Id ?? '')
    const { Name, Config, HostConfig } = await container.inspect()
    await container.remove({ force: true })
    const PortBindings = { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] }
    const anew = { ...Config, name: Name.slice(1), HostConfig: { ...HostConfig, PortBindings } }
    await (await engine.docker.createContainer(anew)).start()
    await system.startWorker()
    const [after] = await until('the address is another', () => {
      const { services } = system.details(machineId)
      return services[0]?.address === before?.address ? undefined : services
    })
    expect(await (await fetch(after?.address ?? '')).json()).toMatchObject({ SLIPWAY_MACHINE_ID: machineId })
    expect(system.machine(machineId).status).toBe('running')
    await system.expectExactly([machineId])
  })
})

describe.skipIf(noEngine)('fault 32: the answer to a create is lost, though it was carried out', () => {
  test('the launch is tried again, and ends with one container', async () => {
    const system = await dockerSystem()
    let creates = 0
    const proxy = await engineProxy(engine.dockerHost, (question) =>
      question.includes('/containers/create') && ++creates === 1 ? 'lost' : 'passed',
    )
    await system.startWorker({ dockerHost: proxy.dockerHost })
    const { machineId } = await system.launch()
    await system.has(machineId, 'running')
    expect(creates).toBeGreaterThan(1)
    await system.expectExactly([machineId])
  })
})

describe.skipIf(noEngine)('fault 31: the Engine is killed and started again', () => {
  test('during a launch: the machine runs in the end, once', async () => {
    const system = await dockerSystem()
    await system.startWorker({ filebrowser: 'waits-for' })
    const { machineId } = await system.launch()
    await until('its container runs', async () => (await system.containers())[0]?.State === 'running')
    await engine.kill()
    await engine.start()
    system.touch(`${system.dataDir}/workspaces/${system.machine(machineId).workspaceId}/go`)
    await system.has(machineId, 'running')
    await system.expectExactly([machineId])
  })

  test('before a launch: it fails as engine_unreachable, and a retry runs it', async () => {
    const system = await dockerSystem()
    await engine.kill()
    await system.startWorker()
    const { machineId } = await system.launch()
    await system.has(machineId, 'failed')
    expect(system.details(machineId).error?.class).toBe('engine_unreachable')
    await engine.start()
    const ref = retryLaunch(system.db, machineId, SOMEBODY, Date.now)
    await system.queue.add({ job: 'launch', ...ref })
    await system.has(machineId, 'running')
    await system.expectExactly([machineId])
  })

  test('during a stop: the machine is stopped once the Engine is back', async () => {
    const system = await dockerSystem()
    await system.startWorker()
    const { machineId } = await system.launch()
    await system.has(machineId, 'running')
    await engine.kill()
    await system.stop(machineId)
    await engine.start()
    await system.has(machineId, 'stopped')
    await system.expectExactly([])
  })

  test('while a machine runs: nothing is said of it until the Engine can tell; then it is failed and cleared up', async () => {
    const system = await dockerSystem()
    const { output } = await system.startWorker()
    const { machineId } = await system.launch()
    await system.has(machineId, 'running')
    await engine.kill()
    const failedSweeps = () => output.filter((line) => line.includes('"msg":"sweep"')).length
    await until('two sweeps found no Engine', () => failedSweeps() >= 2)
    expect(system.machine(machineId).status).toBe('running')
    await engine.start()
    await system.has(machineId, 'failed')
    expect(system.details(machineId).error?.class).toBe('service_gone')
    await system.expectExactly([])
  })

  test('with live-restore the machine goes on, under the same address', async () => {
    const lasting = await withImages(await startEngine({ liveRestore: true }))
    onTestFinished(() => lasting.remove())
    const system = await dockerSystem(lasting)
    const worker = await system.startWorker()
    const { machineId } = await system.launch()
    await system.has(machineId, 'running')
    const details = system.details(machineId)
    await lasting.kill()
    await lasting.start()
    await system.swept(worker)
    expect(system.details(machineId)).toEqual(details)
    const [service] = details.services
    await until('it answers', () =>
      fetch(service?.address ?? '').then(
        ({ ok }) => ok,
        () => false,
      ),
    )
    await system.expectExactly([machineId])
  })
})
