import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { LaunchError } from '~/worker/launch-errors'
import type { LaunchPlan, Runtime } from '~/worker/runtimes/runtime'
import { until } from '../support/until'

export const TOKEN = 'hf_CANARYruntime0123456789'
export const never = () => new AbortController().signal

export type Behaviour = 'answers' | 'never-answers' | 'exits-at-once' | 'ignores-term'

export interface Living {
  machineId: string
  attempt: number
  service: string
}

/** One installation of a runtime, and ways to look at what it does that are none of its own. */
export interface Bench {
  /** The runtime as another worker would open it. Without a behaviour ComfyUI is not set up. */
  open(options: { comfyui?: Behaviour; startTimeoutMs?: number }): Promise<Runtime>
  /** The services that live and carry this installation's label. */
  living(): Promise<Living[]>
  /** Ends a service without asking the runtime. */
  kill(service: string): Promise<void>
  /** What everybody on the host can read of what runs: arguments, names, labels, images. */
  publicText(): Promise<string>
  /** Names of variables that a service has besides its snapshot and those that the runtime lets through. */
  ownVariables: string[]
  inherited: string[]
  /** What the server writes lies below it. */
  dataDir: string
  /** Starts something with another installation's label and this machine's id. */
  addForeign(machineId: string): Promise<{ isAlive(): Promise<boolean> }>
}

const MACHINE = 'machine'

export const planFor = (services: readonly ('comfyui' | 'filebrowser')[], attempt = 1): LaunchPlan => ({
  machineId: MACHINE,
  attempt,
  userId: 'user',
  workspaceId: 'workspace',
  snapshot: services.map((service) => ({ service, env: { HF_TOKEN: TOKEN } })),
  secrets: [TOKEN],
  stillMine: () => true,
  report: () => undefined,
})

const both = ['comfyui', 'filebrowser'] as const
const one = ['filebrowser'] as const

export const failureOf = async (start: Promise<unknown>): Promise<LaunchError> => {
  const failure = await start.then(
    () => undefined,
    (error) => error,
  )
  expect(failure).toBeInstanceOf(LaunchError)
  return failure
}

const environmentAt = async (address: string | undefined) =>
  (await (await fetch(address ?? '')).json()) as Record<string, string>

/** What every runtime promises to the worker. */
export function conforms(name: string, bench: () => Promise<Bench>): void {
  const expectLiving = async ({ living }: Bench, wanted: readonly string[], attempt = 1) => {
    await until('nothing spare lives', async () => (await living()).length <= wanted.length)
    const found = await living()
    expect(found.map(({ service }) => service).sort()).toEqual([...wanted].sort())
    for (const service of found) expect(service).toMatchObject({ machineId: MACHINE, attempt })
  }

  describe(`${name}: start`, () => {
    test('returns a loopback address for each service, where the service itself answers', async () => {
      const { open } = await bench()
      const runtime = await open({ comfyui: 'answers' })
      const services = await runtime.start(planFor(both), never())
      expect(services.map(({ name }) => name)).toEqual([...both])
      for (const { name, address } of services) {
        expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
        expect(await environmentAt(address)).toMatchObject({ SLIPWAY_SERVICE: name })
      }
    })

    test('gives a service the snapshot, what it needs to run, and nothing of the server', async () => {
      vi.stubEnv('REDIS_PASSWORD', 'CANARYserver')
      onTestFinished(() => void vi.unstubAllEnvs())
      const { open, ownVariables, inherited } = await bench()
      const runtime = await open({})
      const [service] = await runtime.start(planFor(one), never())
      const env = await environmentAt(service?.address)
      const names = Object.keys(env).filter((name) => !inherited.includes(name))
      expect(names.sort()).toEqual(['HF_TOKEN', ...ownVariables].sort())
      expect(env.HF_TOKEN).toBe(TOKEN)
      expect(JSON.stringify(env)).not.toContain('CANARYserver')
    })

    test('puts the token in no argument, name or label', async () => {
      const { open, publicText } = await bench()
      const runtime = await open({})
      await runtime.start(planFor(one), never())
      const text = await publicText()
      expect(text).toContain('filebrowser')
      expect(text).not.toContain(TOKEN)
    })

    test('by several workers at once runs each service once, and the next call finds the same', async () => {
      const conforming = await bench()
      const runtimes = await Promise.all([1, 2, 3].map(() => conforming.open({})))
      const starts = await Promise.all(runtimes.map((runtime) => runtime.start(planFor(one), never())))
      expect(new Set(starts.map((services) => JSON.stringify(services))).size).toBe(1)
      expect(await runtimes[0]?.start(planFor(one), never())).toEqual(starts[0])
      await expectLiving(conforming, one)
    })

    for (const step of [1, 2, 3, 4])
      test(`adopts what a worker had begun that gave up after making ${step} of its parts`, async () => {
        const conforming = await bench()
        const giveUp = new AbortController()
        let parts = 0
        const stillMine = () => {
          if (++parts === step) queueMicrotask(() => giveUp.abort(new Error('the worker died')))
          return true
        }
        const report = () => giveUp.abort(new Error('the worker died'))
        const plan = { ...planFor(both), stillMine, report }
        const first = await conforming.open({ comfyui: 'answers' })
        await expect(first.start(plan, giveUp.signal)).rejects.toThrow('the worker died')
        const second = await conforming.open({ comfyui: 'answers' })
        const services = await second.start(planFor(both), never())
        for (const { address } of services)
          expect(await environmentAt(address)).toMatchObject({ HF_TOKEN: TOKEN })
        await expectLiving(conforming, both)
      })

    test('ends an earlier attempt first', async () => {
      const conforming = await bench()
      const runtime = await conforming.open({})
      await runtime.start(planFor(one, 1), never())
      await runtime.start(planFor(one, 2), never())
      await expectLiving(conforming, one, 2)
      expect(await runtime.list()).toEqual([{ machineId: MACHINE, attempt: 2, services: [...one] }])
    })

    test('makes nothing for a worker that has lost its lease', async () => {
      const conforming = await bench()
      const runtime = await conforming.open({})
      const failure = await failureOf(runtime.start({ ...planFor(one), stillMine: () => false }, never()))
      expect(failure.errorClass).toBe('runtime_unavailable')
      expect(await conforming.living()).toEqual([])
    })
  })

  describe(`${name}: failures`, () => {
    test('says what a service printed before it ended, without the token', async () => {
      const { open } = await bench()
      const runtime = await open({ comfyui: 'exits-at-once' })
      const failure = await failureOf(runtime.start(planFor(['comfyui']), never()))
      expect(failure.errorClass).toBe('service_exited')
      expect(failure.detail).toContain('This is all I know')
      expect(failure.detail).not.toContain(TOKEN)
    })

    test('gives up on a service that never answers', async () => {
      const { open } = await bench()
      const runtime = await open({ comfyui: 'never-answers', startTimeoutMs: 500 })
      const failure = await failureOf(runtime.start(planFor(['comfyui']), never()))
      expect(failure.errorClass).toBe('start_timeout')
    })

    test('starts nothing more once one service has failed, and a stop clears up the rest', async () => {
      const conforming = await bench()
      const runtime = await conforming.open({})
      await expect(runtime.start(planFor(both), never())).rejects.toThrow(/for comfyui/)
      await runtime.stop(MACHINE)
      const later = { ...planFor(one), machineId: 'later' }
      await runtime.start(later, never())
      expect(await conforming.living()).toMatchObject([{ machineId: 'later' }])
    })
  })

  describe(`${name}: stop`, () => {
    test('returns once a running machine is gone, and twice at once harms nobody', async () => {
      const { open, living } = await bench()
      const runtime = await open({})
      const [service] = await runtime.start(planFor(one), never())
      await Promise.all([runtime.stop(MACHINE), runtime.stop(MACHINE)])
      expect(await living()).toEqual([])
      expect(await runtime.list()).toEqual([])
      await expect(fetch(service?.address ?? '')).rejects.toThrow()
    })

    test('of one that is half started, has failed, or never was, leaves nothing', async () => {
      const { open } = await bench()
      const runtime = await open({ comfyui: 'exits-at-once' })
      await runtime.stop(MACHINE)
      await runtime.start(planFor(both), never()).catch(() => undefined)
      await runtime.stop(MACHINE)
      expect(await runtime.list()).toEqual([])
    })

    test('kills a service that ignores TERM', async () => {
      const { open, living } = await bench()
      const runtime = await open({ comfyui: 'ignores-term' })
      await runtime.start(planFor(['comfyui']), never())
      await runtime.stop(MACHINE)
      expect(await living()).toEqual([])
    })
  })

  describe(`${name}: list`, () => {
    test('names the services that live, and a machine of which only remains are left', async () => {
      const conforming = await bench()
      const runtime = await conforming.open({ comfyui: 'answers' })
      await runtime.start(planFor(both), never())
      const [found] = await runtime.list()
      expect({ ...found, services: found?.services.sort() }).toEqual({
        machineId: MACHINE,
        attempt: 1,
        services: [...both],
      })
      await conforming.kill('comfyui')
      expect(await runtime.list()).toEqual([{ machineId: MACHINE, attempt: 1, services: [...one] }])
      await conforming.kill('filebrowser')
      expect(await runtime.list()).toEqual([{ machineId: MACHINE, attempt: 1, services: [] }])
    })

    test('neither names nor ends what another installation runs', async () => {
      const { open, addForeign } = await bench()
      const foreign = await addForeign(MACHINE)
      const runtime = await open({})
      expect(await runtime.list()).toEqual([])
      await runtime.start(planFor(one), never())
      await runtime.stop(MACHINE)
      expect(await runtime.list()).toEqual([])
      expect(await foreign.isAlive()).toBe(true)
    })
  })
}
