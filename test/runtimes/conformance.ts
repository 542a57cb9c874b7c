import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { logExtent, logFolder, readLog } from '~/log-files'
import { LaunchError } from '~/worker/launch-errors'
import type { LaunchPlan, Runtime } from '~/worker/runtimes/runtime'
import { STANDARD } from '../support/sizes'
import { until } from '../support/until'
import type { Behaviour } from './behaviours'

export const TOKEN = 'hf_CANARYruntime+/=0123456789'
export const never = () => new AbortController().signal

export interface Living {
  machineId: string
  attempt: number
  service: string
}

/** One installation of a runtime, and ways to look at what it does that are none of its own. */
export interface Bench {
  /** Where the runtime keeps its files. */
  dataDir: string
  /** The runtime as another worker would open it. Without a behaviour ComfyUI is not set up. */
  open(options?: { comfyui?: Behaviour; startTimeoutMs?: number }): Promise<Runtime>
  /** The services that live and carry this installation's label. */
  living(): Promise<Living[]>
  /** What addresses look like where they are no loopback ones. */
  addresses?: RegExp
  /** Ends a service without asking the runtime. */
  kill(service: string): Promise<void>
  /** What everybody on the host can read of what runs: arguments, names, labels, images. */
  publicText(): Promise<string>
  /** Names of variables that a service has besides its snapshot and those that the runtime lets through. */
  ownVariables: string[]
  inherited: string[]
  /** Starts something with another installation's label and this machine's id. */
  addForeign(machineId: string): Promise<{ isAlive(): Promise<boolean> }>
}

const MACHINE = 'machine'

export const planFor = (services: readonly ('comfyui' | 'filebrowser')[], attempt = 1): LaunchPlan => ({
  machineId: MACHINE,
  attempt,
  userId: 'user',
  workspaceId: 'workspace',
  size: STANDARD,
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

/** Keeps logs as a worker does, until it is told to end or the test does. */
function keepLogs(runtime: Runtime): () => Promise<void> {
  const end = new AbortController()
  const ended = runtime.keepLogs(end.signal)
  const stop = async () => {
    end.abort()
    await ended
  }
  onTestFinished(stop)
  return stop
}

export const LOG_BYTES_MAX = 1_000_000

const logOf = ({ dataDir }: Bench, service = 'comfyui') => ({
  folder: logFolder(dataDir, MACHINE),
  service,
  attempt: 1,
})

/** What a bench's ComfyUI printed, as it is kept. */
export const logText = async (bench: Bench) =>
  (await readLog(logOf(bench), 0, Number.MAX_SAFE_INTEGER)).bytes.toString()

/** Whoever read one of them as anything but data would run, cut or split it. */
const HOSTILE = {
  SLIPWAY_MACHINE_NAME: `$(touch pwned) \`touch pwned\`; touch pwned # ' " \\ %s {{.ID}} \${HOME}`,
  HF_TOKEN: `${TOKEN}'"$(id)`,
  TEXT: 'one\nHF_TOKEN=planted\r\n\ttwo',
  SIGNS: '--privileged -v /:/host =a=b= ✓ 日本',
  EMPTY: '',
}

/** What every runtime promises to the worker. */
export function conforms(name: string, bench: () => Promise<Bench>): void {
  const expectLiving = async ({ living }: Bench, wanted: readonly string[], attempt = 1) => {
    await until('nothing spare lives', async () => (await living()).length <= wanted.length)
    const found = await living()
    expect(found.map(({ service }) => service).sort()).toEqual([...wanted].sort())
    for (const service of found) expect(service).toMatchObject({ machineId: MACHINE, attempt })
  }

  describe(`${name}: start`, () => {
    test('returns an address for each service, a loopback one on one host, where the service itself answers', async () => {
      const { open, addresses = /^http:\/\/127(\.\d+){3}:\d+$/ } = await bench()
      const runtime = await open({ comfyui: 'answers' })
      const services = await runtime.start(planFor(both), never())
      expect(services.map(({ name }) => name)).toEqual([...both])
      for (const { name, address } of services) {
        expect(address).toMatch(addresses)
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

    test('fault 98: hands on whatever a value holds as it is, and runs nothing of it', async () => {
      const { open, living, publicText } = await bench()
      const runtime = await open({ comfyui: 'answers' })
      const plan = planFor(both)
      for (const service of plan.snapshot) service.env = { ...HOSTILE }
      const services = await runtime.start(plan, never())
      for (const { address } of services) expect(await environmentAt(address)).toMatchObject(HOSTILE)
      expect((await living()).map(({ service }) => service).sort()).toEqual([...both].sort())
      expect(await publicText()).not.toMatch(/pwned|planted/)
    })

    test('fault 98: refuses a value that would be cut short, without saying it', async () => {
      const { open, living } = await bench()
      const runtime = await open({})
      const plan = planFor(one)
      for (const service of plan.snapshot) service.env = { HF_TOKEN: `${TOKEN}\0PATH=/evil` }
      const failure = await failureOf(runtime.start(plan, never()))
      expect(failure.detail).toContain('HF_TOKEN')
      expect(JSON.stringify([failure.detail, failure.message, failure.stack])).not.toContain('CANARY')
      expect(await living()).toEqual([])
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
      expect(await runtime.list()).toMatchObject([{ machineId: MACHINE, attempt: 2, services: [...one] }])
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

    test('ends nothing that has become another worker’s', async () => {
      const { open, living } = await bench()
      const runtime = await open({})
      await runtime.start(planFor(one), never())
      const before = await living()
      await runtime.stop(MACHINE, () => false)
      expect(await living()).toEqual(before)
      expect(await runtime.list()).toMatchObject([{ machineId: MACHINE, attempt: 1, services: [...one] }])
    })

    test('kills a service that ignores TERM', async () => {
      const { open, living } = await bench()
      const runtime = await open({ comfyui: 'ignores-term' })
      await runtime.start(planFor(['comfyui']), never())
      await runtime.stop(MACHINE)
      expect(await living()).toEqual([])
    })
  })

  describe(`${name}: remove`, () => {
    test('ends what runs and takes the files along: its own, and the workspace if that is to go', async () => {
      const { open, living, dataDir } = await bench()
      const runtime = await open({})
      await runtime.start(planFor(one), never())
      await runtime.start({ ...planFor(one), machineId: 'other', workspaceId: 'others' }, never())
      await runtime.remove({ machineId: MACHINE, workspaceId: undefined })
      expect(await living()).toMatchObject([{ machineId: 'other' }])
      expect(readdirSync(join(dataDir, 'machines'))).toEqual(['other'])
      expect(readdirSync(join(dataDir, 'workspaces')).sort()).toEqual(['others', 'workspace'])
      await runtime.remove({ machineId: MACHINE, workspaceId: 'workspace' })
      expect(readdirSync(join(dataDir, 'workspaces'))).toEqual(['others'])
      expect(await runtime.list()).toMatchObject([{ machineId: 'other' }])
    })
  })

  describe(`${name}: list`, () => {
    test('names the services that live, and a machine of which only remains are left', async () => {
      const conforming = await bench()
      const runtime = await conforming.open({ comfyui: 'answers' })
      await runtime.start(planFor(both), never())
      const [found] = await runtime.list()
      expect({ ...found, services: found?.services.sort() }).toMatchObject({
        machineId: MACHINE,
        attempt: 1,
        services: [...both],
      })
      await conforming.kill('comfyui')
      expect(await runtime.list()).toMatchObject([{ machineId: MACHINE, attempt: 1, services: [...one] }])
      await conforming.kill('filebrowser')
      expect(await runtime.list()).toMatchObject([{ machineId: MACHINE, attempt: 1, services: [] }])
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

  describe(`${name}: logs`, () => {
    /** A machine whose ComfyUI prints what it is asked for. */
    async function printing(behaviour: Behaviour = 'prints') {
      const conforming = await bench()
      const runtime = await conforming.open({ comfyui: behaviour })
      const endKeeping = keepLogs(runtime)
      const [service] = await runtime.start(planFor(['comfyui']), never())
      return {
        bench: conforming,
        runtime,
        endKeeping,
        print: (text: string, method = 'GET') =>
          fetch(`${service?.address}/${encodeURIComponent(text)}`, { method }),
        printAtOnce: (body: string) => fetch(`${service?.address}/`, { method: 'PUT', body }),
        text: () => logText(conforming),
        logged: (text: string) =>
          until(`the log holds ${text.trim()}`, async () => (await logText(conforming)).includes(text)),
      }
    }

    test('hold what a service prints, in order, errors too', async () => {
      const { print, logged, text } = await printing()
      await print('one\n')
      await logged('one\n')
      await print('two\n', 'POST')
      await logged('two\n')
      await print('without an end')
      await print(' and then one\n')
      await logged('then one\n')
      expect(await text()).toBe('one\ntwo\nwithout an end and then one\n')
    })

    test('hold no token, in whatever form it is printed and wherever that is cut', async () => {
      const { print, printAtOnce, logged, text } = await printing()
      const forms = [
        TOKEN,
        encodeURIComponent(TOKEN),
        JSON.stringify({ token: TOKEN }),
        Buffer.from(TOKEN).toString('base64'),
        Buffer.from(`Basic user:${TOKEN}`).toString('base64url'),
      ]
      for (const form of forms) await print(`${form}\n`)
      // What passes output on may cut it into pieces of so many bytes.
      const cuts = [1, 10, 20].map((cut) => 'x'.repeat(16_384 - cut))
      for (const before of cuts) await printAtOnce(`${before}${TOKEN}\n`)
      await print('the end\n')
      await logged('the end\n')
      expect(await text()).not.toContain('CANARY')
      expect((await text()).match(/\[secret\]/g)).toHaveLength(forms.length + cuts.length)
      for (const before of cuts) expect(await text()).toContain(`\n${before}[secret]\n`)
    })

    test('keep the newest, and never more than allowed', async () => {
      const { bench, print, logged } = await printing('floods')
      await logged('The end of /\n')
      let most = 0
      const look = setInterval(() => {
        const { folder } = logOf(bench)
        const sizes = readdirSync(folder).map((name) => sizeOf(join(folder, name)))
        most = Math.max(
          most,
          sizes.reduce((sum, size) => sum + size, 0),
        )
      }, 5)
      onTestFinished(() => clearInterval(look))
      await print('8')
      await logged('The end of /8\n')
      const { oldest, size } = logExtent(logOf(bench))
      expect(size).toBeGreaterThan(8 * 1024 * 1024)
      expect(size - oldest).toBeLessThanOrEqual(LOG_BYTES_MAX)
      expect(most).toBeGreaterThan(LOG_BYTES_MAX / 2)
      // A new file may be there before the oldest goes.
      expect(most).toBeLessThanOrEqual(1.25 * LOG_BYTES_MAX + 1000)
    })

    test('are there to the last word once the machine has ended', async () => {
      const { runtime, print, text } = await printing()
      await print('Hello\n')
      await runtime.stop(MACHINE)
      expect(await text()).toBe('Hello\nGoodbye\n')
    })

    test('say what a service printed that ended at once, though no worker kept them', async () => {
      const conforming = await bench()
      const runtime = await conforming.open({ comfyui: 'exits-at-once' })
      await failureOf(runtime.start(planFor(['comfyui']), never()))
      await runtime.stop(MACHINE)
      expect(await logText(conforming)).toMatch(/^This is all I know: \{.*"HF_TOKEN":"\[secret\]".*\}\n$/)
    })

    test('go on where they were when another worker takes over, with what was printed in between', async () => {
      const { bench, print, logged, text, endKeeping } = await printing()
      const second = keepLogs(await bench.open())
      await print('one\n')
      await logged('one\n')
      await endKeeping()
      await print('two\n')
      await logged('two\n')
      await second()
      await print('three\n')
      keepLogs(await bench.open())
      await print('four\n')
      await logged('four\n')
      expect(await text()).toBe('one\ntwo\nthree\nfour\n')
    })
  })
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
