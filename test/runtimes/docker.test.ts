import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { takeExclusively } from '~/worker/logs/exclusive'
import { dockerRuntime } from '~/worker/runtimes/docker/runtime'
import { startRegistry } from '../fakes/registry'
import { noEngine, serviceImage, startEngine, type TestEngine } from '../support/engine'
import { engineProxy } from '../support/engine-proxy'
import { STANDARD } from '../support/sizes'
import { temporaryFolder } from '../support/temp-folder'
import { until } from '../support/until'
import { BEHAVIOURS } from './behaviours'
import { type Bench, conforms, failureOf, LOG_BYTES_MAX, logText, never, planFor, TOKEN } from './conformance'
import { conformsWithWorkspaces } from './conformance-workspaces'

let engine: TestEngine

// Containers take seconds on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

beforeAll(async () => {
  if (noEngine) return
  engine = await startEngine()
  for (const behaviour of BEHAVIOURS) await serviceImage(engine.docker, behaviour)
}, 120_000)
afterAll(() => engine?.remove())

const IMAGE = 'slipway-test:answers'
const one = ['filebrowser'] as const

async function dockerBench() {
  const { docker, dockerHost } = engine
  const folder = temporaryFolder()
  const installationId = `test-${process.pid}-${Math.random().toString(36).slice(2)}`
  const mine = { filters: { label: [`slipway.installation=${installationId}`] } }
  const containers = () => docker.listContainers({ all: true, ...mine })
  onTestFinished(async () => {
    for (const { Id } of await containers()) await docker.getContainer(Id).remove({ force: true })
    for (const { Id } of await docker.listNetworks(mine)) await docker.getNetwork(Id).remove()
    folder.remove()
  })

  const open = ({
    comfyui,
    startTimeoutMs = 10_000,
    host = dockerHost,
    filebrowserImage = IMAGE,
  }: {
    comfyui?: string
    startTimeoutMs?: number
    host?: string
    filebrowserImage?: string
  } = {}) =>
    dockerRuntime({
      dockerHost: host,
      dataDir: folder.path,
      installationId,
      comfyuiImage: comfyui,
      trainerImage: undefined,
      filebrowserImage,
      startTimeoutMs,
      logs: { bytesMax: LOG_BYTES_MAX },
      stopGraceMs: 1000,
    })

  const bench: Bench = {
    dataDir: folder.path,
    open: async ({ comfyui, startTimeoutMs } = {}) =>
      open({ startTimeoutMs, comfyui: comfyui && `slipway-test:${comfyui}` }),
    async living() {
      const found = await docker.listContainers(mine)
      return found.map(({ Labels }) => ({
        machineId: Labels['slipway.machine'] ?? '',
        attempt: Number(Labels['slipway.attempt']),
        service: Labels['slipway.service'] ?? '',
      }))
    },
    async kill(service) {
      const [found] = (await containers()).filter(({ Labels }) => Labels['slipway.service'] === service)
      const container = docker.getContainer(found?.Id ?? '')
      await container.kill()
      await container.wait()
    },
    async publicText() {
      const found = await Promise.all((await containers()).map(({ Id }) => docker.getContainer(Id).inspect()))
      for (const { Config } of found) expect(Config.Env.join()).toContain(TOKEN)
      const shown = found.map((info) => ({ ...info, Config: { ...info.Config, Env: [] } }))
      const images = await Promise.all(found.map(({ Image }) => docker.getImage(Image).history()))
      return (
        JSON.stringify([shown, images]) + execFileSync('ps', ['-eww', '-o', 'args'], { encoding: 'utf8' })
      )
    },
    ownVariables: ['HOME', 'HOST', 'PORT', 'PYTHONUNBUFFERED', 'WORKSPACE'].concat(
      ['ATTEMPT', 'MACHINE_ID', 'SERVICE'].map((name) => `SLIPWAY_${name}`),
    ),
    inherited: ['PATH', 'HOSTNAME'],
    async addForeign(machineId) {
      const labels = {
        'slipway.managed-by': 'slipway',
        'slipway.installation': 'another',
        'slipway.machine': machineId,
        'slipway.attempt': '1',
      }
      const container = await docker.createContainer({ Image: IMAGE, Labels: labels, Env: ['PORT=1'] })
      await container.start()
      onTestFinished(() => container.remove({ force: true }))
      return { isAlive: async () => (await container.inspect()).State.Running }
    },
  }
  return { bench, docker, dataDir: folder.path, installationId, open, containers }
}

describe.skipIf(noEngine)('on the real Engine', () => {
  conforms('the docker runtime', async () => (await dockerBench()).bench)
  conformsWithWorkspaces('the docker runtime', async () => (await dockerBench()).bench)

  describe('the docker runtime: a save', () => {
    test('makes no image and no container, and neither an image nor its history holds the token', async () => {
      const { docker } = engine
      const { bench, open } = await dockerBench()
      const images = async () => (await docker.listImages({ all: true })).map(({ Id }) => Id).sort()
      const containers = async () => (await docker.listContainers({ all: true })).map(({ Id }) => Id).sort()
      const runtime = open()
      await runtime.start(planFor(one), never())
      const before = [await images(), await containers()]
      writeFileSync(join(bench.dataDir, 'workspaces/workspace/env.txt'), TOKEN)
      const secrets = [{ label: 'Hugging Face', value: TOKEN }]
      const plan = { secrets, note: () => undefined, onBytes: () => undefined }
      const tar = await buffer(runtime.workspaces.save('workspace', plan, never()))
      expect(tar.includes(TOKEN)).toBe(false)
      expect([await images(), await containers()]).toEqual(before)
      for (const id of before[0] ?? []) {
        const image = docker.getImage(id)
        expect(JSON.stringify([await image.inspect(), await image.history()])).not.toContain(TOKEN)
      }
      const content = await buffer(await docker.getImage(IMAGE).get())
      // The way of looking finds what is inside: the program of the service.
      expect(content.includes('never-answers')).toBe(true)
      expect(content.includes(TOKEN)).toBe(false)
    })
  })

  describe('the docker runtime: a container', () => {
    test('says which request asked for it', async () => {
      const { open, containers } = await dockerBench()
      await open().start({ ...planFor(one), requestId: '4x7k2m5q3w6y2abc' }, never())
      const [found] = await containers()
      expect(found?.Labels['slipway.request']).toBe('4x7k2m5q3w6y2abc')
    })

    test('can do nothing but its work: no capability, no new privilege, a read-only root, limits', async () => {
      const { open, containers, docker } = await dockerBench()
      await open().start(planFor(one), never())
      const [found] = await containers()
      const { HostConfig, State } = await docker.getContainer(found?.Id ?? '').inspect()
      expect(HostConfig).toMatchObject({
        ReadonlyRootfs: true,
        Privileged: false,
        RestartPolicy: { Name: 'no' },
      })
      expect([HostConfig.Memory, HostConfig.PidsLimit, HostConfig.CpuQuota]).not.toContain(0)
      const status = readFileSync(`/proc/${State.Pid}/status`, 'utf8')
      expect(status).toMatch(/^CapEff:\t0+$/m)
      expect(status).toMatch(/^CapBnd:\t0+$/m)
      expect(status).toMatch(/^NoNewPrivs:\t1$/m)
    })

    test('gets what the machine’s size says, and the file manager little of its own', async () => {
      const { open, containers, docker } = await dockerBench()
      const size = { ...STANDARD, cpus: 0.5, memoryGiB: 1.5, pids: 300 }
      await open({ comfyui: IMAGE }).start({ ...planFor(['comfyui', 'filebrowser']), size }, never())
      const limits: Record<string, unknown> = {}
      for (const { Id, Labels } of await containers()) {
        const { HostConfig } = await docker.getContainer(Id).inspect()
        const { Memory, MemorySwap, PidsLimit, CpuQuota, CpuPeriod, DeviceRequests } = HostConfig
        limits[Labels['slipway.service'] ?? ''] = [
          ...[Memory, MemorySwap, PidsLimit, (CpuQuota ?? 0) / (CpuPeriod ?? 1), DeviceRequests],
        ]
      }
      const gib = 1024 ** 3
      expect(limits).toEqual({
        comfyui: [1.5 * gib, 1.5 * gib, 300, 0.5, null],
        filebrowser: [gib, gib, 256, 1, null],
      })
    })

    test.each([
      [{ count: 2 }, { Count: 2 }],
      [{ count: 'all' as const }, { Count: -1 }],
      [{ count: 1, devices: ['GPU-1'] }, { DeviceIDs: ['GPU-1'] }],
    ])('with GPUs asks the Engine for %j, and where it has none fails as that', async (gpus, asked) => {
      const { open, containers, docker } = await dockerBench()
      const plan = { ...planFor(['comfyui', 'filebrowser']), size: { ...STANDARD, gpus } }
      const failure = await failureOf(open({ comfyui: IMAGE }).start(plan, never()))
      expect(failure.errorClass).toBe('gpu_unavailable')
      expect(failure.detail).toContain('NVIDIA Container Toolkit')
      const found = (await containers()).find(({ Labels }) => Labels['slipway.service'] === 'comfyui')
      const { HostConfig } = await docker.getContainer(found?.Id ?? '').inspect()
      expect(HostConfig.DeviceRequests).toMatchObject([
        { Driver: 'nvidia', Capabilities: [['gpu']], ...asked },
      ])
    })

    test('is published on loopback alone, on a network of its machine alone', async () => {
      const { open, containers } = await dockerBench()
      const runtime = open()
      await runtime.start(planFor(one), never())
      await runtime.start({ ...planFor(one), machineId: 'other' }, never())
      const found = await containers()
      expect(found.flatMap(({ Ports }) => Ports.map(({ IP }) => IP))).toEqual(['127.0.0.1', '127.0.0.1'])
      const networks = found.flatMap(({ NetworkSettings }) => Object.keys(NetworkSettings.Networks))
      expect(new Set(networks).size).toBe(2)
      expect(networks.join()).not.toMatch(/bridge|host/)
    })

    test('keeps its workspace by machine and its models by user, and both outlive it', async () => {
      const { open, dataDir, docker, containers } = await dockerBench()
      const runtime = open()
      await runtime.start(planFor(one), never())
      writeFileSync(join(dataDir, 'models/user/model.safetensors'), 'weights')
      writeFileSync(join(dataDir, 'workspaces/workspace/note.txt'), 'note')
      const seen = async (path: string) => {
        const [found] = await containers()
        const { State } = await docker.getContainer(found?.Id ?? '').inspect()
        return existsSync(`/proc/${State.Pid}/root/workspace/${path}`)
      }
      expect([await seen('models/model.safetensors'), await seen('note.txt')]).toEqual([true, true])
      await runtime.stop('machine')
      await runtime.start({ ...planFor(one), machineId: 'next', workspaceId: 'fresh' }, never())
      expect([await seen('models/model.safetensors'), await seen('note.txt')]).toEqual([true, false])
    })

    test('that an earlier try made with another token is made anew', async () => {
      const { open, containers } = await dockerBench()
      const runtime = open()
      await runtime.start(planFor(one), never())
      const today = planFor(one)
      today.snapshot = [{ service: 'filebrowser', env: { HF_TOKEN: 'hf_CANARYnew' } }]
      const [service] = await runtime.start(today, never())
      const env = await (await fetch(service?.address ?? '')).json()
      expect(env).toMatchObject({ HF_TOKEN: 'hf_CANARYnew' })
      expect(await containers()).toHaveLength(1)
    })
  })

  describe('the docker runtime: a container that has ended', () => {
    async function ending() {
      const { bench, containers } = await dockerBench()
      const runtime = await bench.open({ comfyui: 'prints' })
      // Another worker that has the logs, and doesn't get round to them.
      const release = await takeExclusively(join(bench.dataDir, 'logs/follower.lock'))
      if (!release) throw new Error('Somebody has the logs.')
      onTestFinished(release)
      await runtime.start(planFor(['comfyui']), never())
      const stopped = runtime.stop('machine')
      await until('it has ended', async () => (await containers())[0]?.State === 'exited')
      return { bench, containers, release, stopped }
    }

    test('stays until its last words are written down', async () => {
      const { bench, release, stopped } = await ending()
      expect(await logText(bench)).toBe('')
      await release()
      await stopped
      expect(await logText(bench)).toBe('Goodbye\n')
    })

    test('is removed after some seconds though nobody wrote them down', async () => {
      const { containers, stopped } = await ending()
      await stopped
      expect(await containers()).toEqual([])
    })
  })

  describe('faults 2, 31, 32: the Engine is cut off after any of its steps', () => {
    for (const fate of ['lost', 'refused'] as const)
      test(`the next try ends with one container, whichever answer was ${fate}`, async () => {
        const { docker, open, containers, bench } = await dockerBench()
        for (let step = 1; ; step++) {
          let questions = 0
          const proxy = await engineProxy(engine.dockerHost, (question) => {
            if (/^GET .*\/json/.test(question)) return 'passed'
            return ++questions === step ? fate : 'passed'
          })
          const started = await open({ host: proxy.dockerHost })
            .start(planFor(one), never())
            .then(
              () => 'started',
              ({ errorClass }) => errorClass,
            )
          expect([step, started]).toEqual([step, questions < step ? 'started' : 'engine_unreachable'])
          const [service] = await open().start(planFor(one), never())
          expect((await fetch(service?.address ?? '')).status).toBe(200)
          expect(await containers()).toHaveLength(1)
          await open().stop('machine')
          expect(await bench.living()).toEqual([])
          if (started !== 'started') continue
          expect(step).toBeGreaterThan(3)
          break
        }
        expect(await docker.listContainers({ all: true })).toEqual([])
      })
  })

  test('fault 33: a container of our name with foreign labels is refused by name, and left alone', async () => {
    const { docker, open, installationId } = await dockerBench()
    const name = `slipway-${installationId}-machine-1-filebrowser`
    const foreign = await docker.createContainer({ name, Image: IMAGE })
    onTestFinished(() => foreign.remove({ force: true }))
    const failure = await failureOf(open().start(planFor(one), never()))
    expect([failure.errorClass, failure.retryable]).toEqual(['name_taken', false])
    expect(failure.detail).toContain(name)
    await open().stop('machine')
    expect((await foreign.inspect()).State.Status).toBe('created')
  })

  test('fault 34: a name that stays reserved for no container is replaced by another', async () => {
    const { open, containers } = await dockerBench()
    const proxy = await engineProxy(engine.dockerHost, (question) =>
      /containers\/create\?name=[^&]*-filebrowser(&|$)/.test(question)
        ? { status: 409, message: 'Conflict. The container name is already in use' }
        : 'passed',
    )
    await open({ host: proxy.dockerHost }).start(planFor(one), never())
    const [found] = await containers()
    expect(found?.Names[0]).toMatch(/-filebrowser-\d+$/)
  })

  test('a port that somebody takes before the container has it is replaced by another', async () => {
    const { docker, open, containers } = await dockerBench()
    const thief = createServer()
    onTestFinished(() => void thief.close())
    const proxy = await engineProxy(engine.dockerHost, async (question): Promise<'passed'> => {
      const [, id = ''] = /containers\/(\w+)\/start/.exec(question) ?? []
      if (!id || thief.listening) return 'passed'
      const { HostConfig } = await docker.getContainer(id).inspect()
      thief.listen(Number(HostConfig.PortBindings['8080/tcp'][0].HostPort), '127.0.0.1')
      await once(thief, 'listening')
      return 'passed'
    })
    const [service] = await open({ host: proxy.dockerHost }).start(planFor(one), never())
    expect(thief.listening).toBe(true)
    expect((await fetch(service?.address ?? '')).status).toBe(200)
    expect(await containers()).toHaveLength(1)
  })

  test('an image that is missing is pulled, and the timeline says how far it is', async () => {
    const { docker, open } = await dockerBench()
    const registry = await startRegistry(docker, await serviceImage(docker, 'answers', 'for the registry'))
    // The others need theirs again.
    onTestFinished(async () => void (await serviceImage(docker, 'answers')))
    const timeline: string[] = []
    const report = (text: string) => {
      timeline.push(text)
      if (text.includes('MiB so far')) registry.hurry()
    }
    const runtime = open({ filebrowserImage: registry.name })
    const [service] = await runtime.start({ ...planFor(one), report }, never())
    expect((await fetch(service?.address ?? '')).status).toBe(200)
    const image = `the image ${registry.name}`
    expect(timeline).toEqual([
      `Pulling ${image}`,
      expect.stringMatching(/: \d+ of [1-9]\d+ MiB so far$/),
      `Pulled ${image}`,
      'The file manager answers',
    ])
  })

  describe('the docker runtime: failures', () => {
    test('an image that is nowhere is image_unavailable, and no retry helps', async () => {
      const { open } = await dockerBench()
      const proxy = await engineProxy(engine.dockerHost, (question) =>
        question.includes('/images/create')
          ? { status: 404, message: 'pull access denied for nowhere, repository does not exist' }
          : 'passed',
      )
      const runtime = open({ host: proxy.dockerHost, filebrowserImage: 'nowhere' })
      const failure = await failureOf(runtime.start(planFor(one), never()))
      expect([failure.errorClass, failure.retryable]).toEqual(['image_unavailable', false])
      expect(failure.detail).toContain('nowhere')
    })

    test.each([
      ['slipway-filebrowser', 'npm run filebrowser-image'],
      ['slipway', 'docker compose build'],
      ['slipway:latest', 'docker compose build'],
    ])('the own image %s is never looked for in a registry', async (filebrowserImage, cure) => {
      const { open } = await dockerBench()
      const runtime = open({ filebrowserImage })
      const failure = await failureOf(runtime.start(planFor(one), never()))
      expect(failure.errorClass).toBe('image_unavailable')
      expect(failure.detail).toContain(cure)
    })

    test('a registry that can not be reached is registry_unreachable, and a retry may help', async () => {
      const { open } = await dockerBench()
      const runtime = open({ filebrowserImage: '127.0.0.1:1/somewhere:1' })
      const failure = await failureOf(runtime.start(planFor(one), never()))
      expect([failure.errorClass, failure.retryable]).toEqual(['registry_unreachable', true])
    })

    test('an Engine that is not there is engine_unreachable, for start, stop and list', async () => {
      const { open } = await dockerBench()
      const runtime = open({ host: 'unix:///nowhere/docker.sock' })
      for (const attempt of [runtime.start(planFor(one), never()), runtime.stop('machine'), runtime.list()]) {
        const failure = await failureOf(attempt)
        expect([failure.errorClass, failure.retryable]).toEqual(['engine_unreachable', true])
      }
    })

    test('a command that the image does not have is command_not_found', async () => {
      const { docker, open } = await dockerBench()
      const container = await docker.createContainer({ Image: IMAGE, Cmd: ['/no/such/program'] })
      await container.commit({ repo: 'slipway-test', tag: 'broken' })
      await container.remove()
      const runtime = open({ filebrowserImage: 'slipway-test:broken' })
      const failure = await failureOf(runtime.start(planFor(one), never()))
      expect(failure.errorClass).toBe('command_not_found')
    })
  })
})
