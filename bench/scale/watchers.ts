import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { desc, eq } from 'drizzle-orm'
import { addMachineEvent } from '~/db/machine-events'
import { machines } from '~/db/schema'
import { firstAdmin } from '~/db/users'
import type { Report } from '../figures'
import { percentile } from '../support'
import { SMALL } from './amounts'
import { startWeb } from './web'

const COUNTS = [0, 100, 1000]
const SETTLES_MS = 2000
const MEASURED_MS = 10_000
const CHANGES = 100
const CHANGES_A_SECOND = 10
/** Of one core, in percent: what is flat, though each open stream is pinged now and then. */
const QUIET_MOST = 5
/** A change that nobody has heard of by then got lost. */
const LOST_AFTER_MS = 5000
/** Of Linux on every architecture that Node is built for. */
const TICKS_A_SECOND = 100

/** What pages of machines cost that are open, each on another machine, and how soon they hear of a change. */
export async function watchers(folder: string, redisUrl: string, report: Report): Promise<void> {
  const launched = 1000 + SMALL.running
  const amounts = { ...SMALL, machines: launched, ofAdmin: launched, failed: 1 }
  const web = await startWeb(join(folder, 'watchers'), amounts, redisUrl)
  const ids = web.db
    .select({ id: machines.id })
    .from(machines)
    .where(eq(machines.userId, firstAdmin(web.db)?.id ?? ''))
    .orderBy(desc(machines.createdAt))
    .all()
    .map(({ id }) => id)
  const open: Awaited<ReturnType<typeof web.watch>>[] = []
  const cost: Record<'memory' | 'quiet' | 'busy', number>[] = []
  let heard: number[] = []
  try {
    for (const count of COUNTS) {
      while (open.length < count) open.push(await web.watch(ids[open.length] as string))
      await pause(SETTLES_MS)
      const quiet = await processorShare(web.pid, async () => void (await pause(MEASURED_MS)))
      heard = []
      const busy = await processorShare(web.pid, async () => {
        for (let n = 0; n < CHANGES; n++) {
          const changedAt = performance.now()
          open[n % open.length]?.next().then((at) => heard.push(at - changedAt))
          addMachineEvent(web.db, ids[n % (open.length || ids.length)] as string, 'Downloading', Date.now())
          await pause(1000 / CHANGES_A_SECOND)
        }
      })
      const lostAt = performance.now() + LOST_AFTER_MS
      while (count && heard.length < CHANGES && performance.now() < lostAt) await pause(50)
      cost.push({ memory: megabytesOf(web.pid), quiet, busy })
    }
  } finally {
    for (const one of open) one.abort()
    await web.end()
  }
  const [none] = cost
  for (const [n, { memory, quiet, busy }] of cost.entries()) {
    const count = COUNTS[n]
    if (!none || !count) continue
    const beside = (value: number) => ({ what: '0 watchers', value })
    const figure = (what: string) => `${count} watchers, ${what}`
    report({
      what: figure('memory of the web process'),
      value: memory,
      unit: 'MB',
      beside: beside(none.memory),
    })
    report({
      what: figure('its processor, quiet'),
      value: quiet,
      unit: '%',
      aim: { most: QUIET_MOST },
      note: `of one core; ${none.quiet.toFixed(1)} % with none`,
    })
    report({
      what: figure(`its processor, ${CHANGES_A_SECOND} changes a second`),
      value: busy,
      unit: '%',
      note: `of one core; ${none.busy.toFixed(1)} % with none`,
    })
  }
  const aim = { most: 100 }
  const what = `${COUNTS.at(-1)} watchers, from a change in the database to the event`
  report({ what: `${what}, p50`, value: percentile(heard, 0.5), unit: 'ms', aim })
  report({ what: `${what}, p95`, value: percentile(heard, 0.95), unit: 'ms', aim })
  if (heard.length < CHANGES) throw new Error(`${CHANGES - heard.length} changes were never heard of.`)
}

/** @returns how much of one processor the process used meanwhile, in percent */
async function processorShare(pid: number, work: () => Promise<void>): Promise<number> {
  const [before, from] = [ticksOf(pid), performance.now()]
  await work()
  return ((ticksOf(pid) - before) / TICKS_A_SECOND / ((performance.now() - from) / 1000)) * 100
}

function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return Number(fields[11]) + Number(fields[12])
}

const megabytesOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
