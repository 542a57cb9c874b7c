import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import { saveProviderToken } from '~/db/provider-tokens'
import { logExtent, logFolder, readLog } from '~/log-files'
import { startLogWriter } from '~/worker/logs/start-writer'
import { endWriters } from '~/worker/runtimes/process/log-writers'
import { filesBelow, findSecrets } from '../e2e/search'
import { SOMEBODY } from '../support/actors'
import { bundled } from '../support/bundle'
import { comfyui, type FaultSystem, faultSystem } from '../support/fault-system'
import { isAlive, killProcess } from '../support/processes'
import { temporaryFolder } from '../support/temp-folder'
import { until } from '../support/until'

const TOKEN = 'hf_CANARYlogs+/=0123456789abcdef'

/** A machine whose ComfyUI does as it is told by requests. */
async function running(behaviour: string) {
  const system = await faultSystem()
  saveProviderToken({ ...system, clock: Date.now }, system.admin.id, 'huggingface', TOKEN, SOMEBODY)
  const worker = await system.startWorker({ comfyuiCommand: comfyui(behaviour) })
  const { machineId } = await system.launch()
  await system.has(machineId, 'running')
  const address = system.details(machineId).services.find(({ name }) => name === 'comfyui')?.address
  return {
    system,
    worker,
    machineId,
    ask: (path: string) => fetch(`${address}/${encodeURIComponent(path)}`),
    log: () => logText(system, machineId),
    /** Waits until the log holds it. */
    logged: (text: string) =>
      until(`the log holds ${text}`, async () => (await logText(system, machineId)).includes(text)),
  }
}

async function logText({ dataDir }: FaultSystem, machineId: string, attempt = 1): Promise<string> {
  const log = { folder: logFolder(dataDir, machineId), service: 'comfyui', attempt }
  return (await readLog(log, 0, Number.MAX_SAFE_INTEGER)).bytes.toString()
}

/** The log writers of a system, with what /proc tells of them; not what one waits with for the first byte. */
const writers = (label: string) =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1)
    .flatMap((pid) => {
      try {
        const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'latin1')
        const environment = read('environ')
        if (!environment.includes(`SLIPWAY_LOG_OF=${label}`)) return []
        const [, , groupId] = read('stat')
          .slice(read('stat').lastIndexOf(')') + 2)
          .split(' ')
        if (Number(groupId) !== pid) return []
        const [, rss = '0'] = /VmHWM:\s+(\d+) kB/.exec(read('status')) ?? []
        return [{ pid, environment, commandLine: read('cmdline'), peakMegabytes: Number(rss) / 1024 }]
      } catch {
        return []
      }
    })

describe('what a service prints', () => {
  it('is on the disk without the machine’s tokens, in whatever form and however slowly they come', async () => {
    const { system, machineId, ask, log, logged } = await running('prints')
    for (const form of [
      TOKEN,
      encodeURIComponent(TOKEN),
      JSON.stringify({ token: TOKEN }),
      Buffer.from(TOKEN).toString('base64'),
      Buffer.from(`Basic user:${TOKEN}`).toString('base64url'),
    ])
      await ask(`Here: ${form} :end\n`)
    await ask('Done\n')
    await logged('Done')
    expect((await log()).match(/\[secret\]/g)?.length).toBe(5)
    const places = filesBelow(system.dataDir).filter(({ name }) => /\/(logs|run|machines)\//.test(name))
    expect(places.some(({ text }) => text.includes('Here: [secret] :end'))).toBe(true)
    expect(findSecrets(places, [TOKEN])).toEqual([])
    const found = writers(`${system.installation.id}/${machineId}/`)
    expect(found.length).toBe(2)
    const told = found.map(({ pid, environment, commandLine }) => ({
      name: `${pid}`,
      text: environment + commandLine,
    }))
    expect(findSecrets(told, [TOKEN])).toEqual([])
  })

  it('is still written after the worker was killed, and after another has taken over', async () => {
    const { system, worker, machineId, ask, log, logged } = await running('prints')
    await ask('before\n')
    await logged('before')
    worker.signal('SIGKILL')
    await worker.ended
    await ask(`alone with ${TOKEN}\n`)
    await logged('alone with [secret]')
    const next = await system.startWorker({ comfyuiCommand: comfyui('prints') })
    await system.swept(next)
    await ask('adopted\n')
    await logged('adopted')
    expect(await log()).toBe('before\nalone with [secret]\nadopted\n')
    expect(system.machine(machineId).status).toBe('running')
  })

  it('is there to the last word once the machine has stopped, and nobody is left to write', async () => {
    const { system, machineId, ask, log } = await running('prints')
    await ask('Hello\n')
    await system.stop(machineId)
    await system.has(machineId, 'stopped')
    expect(await log()).toBe('Hello\nGoodbye\n')
    expect(writers(`${system.installation.id}/${machineId}/`)).toEqual([])
  })

  it('never takes more of the disk or the memory than allowed, however fast it comes', async () => {
    const { system, machineId, ask, log, logged } = await running('floods')
    const folder = logFolder(system.dataDir, machineId)
    let peak = 0
    const look = () => {
      // The writer makes it, and is a process of its own.
      if (!existsSync(folder)) return
      const sizes = readdirSync(folder)
        .filter((name) => name.startsWith('comfyui'))
        .map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0)
      peak = Math.max(
        peak,
        sizes.reduce((sum, size) => sum + size, 0),
      )
    }
    const looking = setInterval(look, 5)
    onTestFinished(() => clearInterval(looking))
    await ask('300')
    await logged('The end of /300\n')
    look()
    expect(peak).toBeGreaterThan(500_000)
    // A new file may be there for a moment before the oldest goes.
    expect(peak).toBeLessThanOrEqual(1_250_000)
    const { oldest, size } = logExtent({ folder, service: 'comfyui', attempt: 1 })
    expect(size).toBe(300 * 1024 * 1024 + 'The end of /\nThe end of /300\n'.length)
    expect(size - oldest).toBeLessThanOrEqual(1_000_000)
    expect(await log()).toMatch(/^x{1023}\n/)
    const [writer] = writers(`${system.installation.id}/${machineId}/1/comfyui`)
    expect(writer?.peakMegabytes).toBeLessThan(120)
  })

  it('may be opened by name, as shell scripts do', async () => {
    const system = await faultSystem()
    const command = `echo "by name" > /dev/stdout; echo "as an error" > /dev/stderr; ${comfyui('answers')}`
    await system.startWorker({ comfyuiCommand: command })
    const { machineId } = await system.launch()
    await system.has(machineId, 'running')
    await until('it is written', async () => (await logText(system, machineId)) === 'by name\nas an error\n')
  })
})

test('a stop ends the log writer, though a process without a label could still print', async () => {
  const system = await faultSystem()
  const file = join(system.folder, 'stranger')
  await system.startWorker({ comfyuiCommand: comfyui('leaves-stranger', file) })
  const { machineId } = await system.launch()
  await system.has(machineId, 'running')
  const stranger = Number(readFileSync(file, 'utf8'))
  onTestFinished(() => killProcess(stranger))
  await system.stop(machineId)
  await system.has(machineId, 'stopped')
  expect(writers(`${system.installation.id}/${machineId}/`)).toEqual([])
  expect(isAlive(stranger)).toBe(true)
})

test('a log writer that still writes is not ended', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const ended = once(child, 'exit')
  const pid = child.pid ?? 0
  let looks = 0
  await endWriters(
    () => {
      if (++looks === 3) child.stdin.end()
      return isAlive(pid) ? [{ pid, groupId: pid, startTime: 0, environment: {} }] : []
    },
    () => true,
  )
  expect(await ended).toEqual([0, null])
})

test('a log begins with the very bytes that a service printed first, in whatever encoding', async () => {
  const folder = temporaryFolder()
  onTestFinished(() => folder.remove())
  const program = await bundled('worker/logs/writer.ts')
  for (const first of [0, 0x0a, 0x20, 0xe2]) {
    const log = { folder: join(folder.path, `logs-${first}`), service: 'comfyui', attempt: 1 } as const
    const start = { log, bytesMax: 1_000_000, secrets: [], program, label: 'test', environment: {} }
    const input = await startLogWriter({ ...start, pipe: join(folder.path, 'pipe') })
    await input.write(Buffer.of(first, 0x0a, 0xff))
    await input.close()
    await until('it is written', async () => logExtent(log).size === 3)
    expect([...(await readLog(log, 0, 9)).bytes]).toEqual([first, 0x0a, 0xff])
  }
})

test('a service that dies by itself takes its log writer with it', async () => {
  const { system, machineId } = await running('answers')
  const [service] = system.processes().filter(({ service }) => service === 'comfyui')
  expect(writers(`${system.installation.id}/${machineId}/1/comfyui`).length).toBe(1)
  process.kill(service?.pid ?? 0, 'SIGKILL')
  await until('it has ended', () => writers(`${system.installation.id}/${machineId}/1/comfyui`).length === 0)
})

test('a log writer whose service was never started ends, and leaves no pipe', async () => {
  const folder = temporaryFolder()
  onTestFinished(() => folder.remove())
  const label = `test-${process.pid}/machine/1/comfyui`
  const input = await startLogWriter({
    log: { folder: join(folder.path, 'logs'), service: 'comfyui', attempt: 1 },
    bytesMax: 1_000_000,
    secrets: [TOKEN],
    program: await bundled('worker/logs/writer.ts'),
    label,
    pipe: join(folder.path, 'comfyui'),
    environment: {},
  })
  const [writer] = writers(label)
  expect(isAlive(writer?.pid ?? 0)).toBe(true)
  expect(readdirSync(folder.path)).toEqual([])
  await input.close()
  await until('it has ended', () => !isAlive(writer?.pid ?? 0))
})
