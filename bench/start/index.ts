import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import type { Suite } from '../figures'
import { percentile } from '../support'

const ROUNDS = 3
const PORT = 3991
/** Until what starting has left is collected. */
const REST_MS = 10_000
const OURS = ['web', 'worker', 'redis', 'launcher'] as const

/** `npm start` of what is built and migrated, to the line that says that it is ready; and what it holds at rest. */
const start: Suite = async (report) => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  try {
    const took: number[] = []
    let memory: Map<string, number> | undefined
    // The first one makes the data folder.
    for (let round = 0; round <= ROUNDS; round++) {
      const { ms, pid, end } = await startOnce(folder)
      if (round > 0) took.push(ms)
      if (round === ROUNDS) {
        await pause(REST_MS)
        memory = memoryOf(pid)
      }
      await end()
    }
    report({
      what: 'npm start again, to ready, p50',
      value: percentile(took, 0.5) / 1000,
      unit: 's',
      aim: { most: 3 },
    })
    const of = (name: string) => memory?.get(name) ?? Number.NaN
    const note = 'PSS: pages that several share count in part'
    report({
      what: 'web and worker at rest',
      value: of('web') + of('worker'),
      unit: 'MB',
      aim: { most: 250 },
      note,
    })
    for (const name of OURS) report({ what: `${name} at rest`, value: of(name), unit: 'MB', note })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
export default start

async function startOnce(folder: string) {
  const env = { ...process.env, DATA_DIR: folder, PORT: String(PORT), HOST: '127.0.0.1', LOG_LEVEL: 'error' }
  const from = performance.now()
  const npm = spawn('npm', ['start'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(npm, 'close')
  let pid = 0
  for await (const line of createInterface({ input: npm.stdout })) {
    if (!line.startsWith('Slipway is ready')) continue
    pid = Number.parseInt(readFileSync(join(folder, 'start.lock'), 'utf8'), 10)
    break
  }
  const ms = performance.now() - from
  if (!pid) throw new Error('npm start ended before it was ready.')
  npm.stdout.resume()
  return {
    ms,
    pid,
    async end() {
      process.kill(pid, 'SIGINT')
      await ended
    },
  }
}

/** Megabytes of the launcher and of each of its programs. @param launcher its process */
function memoryOf(launcher: number): Map<string, number> {
  const found = new Map([['launcher', pssOf(launcher)]])
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const command = read(`/proc/${entry}/cmdline`)
    const parent = / (\d+) /.exec(read(`/proc/${entry}/stat`).replace(/^.*\) \S/, ''))?.[1]
    const name =
      /build\/(web|worker)\/index\.js/.exec(command)?.[1] ??
      (/(redis|valkey)-server/.test(command) && 'redis')
    if (Number(parent) === launcher && name) found.set(name, pssOf(Number(entry)))
  }
  return found
}

const pssOf = (pid: number) =>
  (Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1]) * 1024) / 1e6

/** Empty of a process that is gone. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
