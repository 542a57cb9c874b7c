import { sql } from 'drizzle-orm'
import type { Db } from '~/db/open'
import { type BackEnd, type RuntimeName, startBackEnd } from './back-end'
import { flawsOf, settle } from './outcome'
import { storm } from './storm'

interface ChaosOptions {
  seed: number
  /** Machines that have to run in the end; some more are stopped on the way. */
  launches: number
  runtime: RuntimeName
  /** Bundles a program, and returns the file to give to node. */
  bundle(entry: string): Promise<string>
}

/**
 * Launches machines while workers, Redis and the Engine are killed, suspended and emptied, in an order that
 * the seed decides; then waits for calm and looks at everything.
 * @returns what happened, and in words what is not as it should be
 */
export async function chaos({ runtime, bundle, ...plan }: ChaosOptions) {
  const backEnd = await startBackEnd(runtime, bundle)
  const [outcome] = await Promise.allSettled([stormAndCalm(backEnd, plan)])
  const [removal] = await Promise.allSettled([backEnd.remove()])
  // What the run says comes first: what clearing up says may only follow from it.
  if (outcome.status === 'rejected') throw outcome.reason
  if (removal.status === 'rejected') throw removal.reason
  return outcome.value
}

async function stormAndCalm(backEnd: BackEnd, plan: Parameters<typeof storm>[1]) {
  const began = Date.now()
  const { toRun, toStop, happened, flushed } = await storm(backEnd, plan)
  const stormEnded = Date.now()
  const retried = await settle(backEnd, toRun, toStop).catch((error) => {
    throw new Error(`${error.message}\n${JSON.stringify(happened, null, 1)}`)
  })
  const settled = Date.now()
  const flaws = await flawsOf(backEnd, toRun, flushed)
  return {
    flaws,
    happened: counted(happened.map(({ name }) => name)),
    /** Launches that failed for good and were retried by an administrator, by class. */
    retried,
    stormSeconds: Math.round((stormEnded - began) / 1000),
    calmSeconds: Math.round((settled - stormEnded) / 1000),
    worst: worstOf(backEnd.db),
  }
}

const counted = (names: string[]) =>
  Object.fromEntries(
    [...new Set(names)].sort().map((name) => [name, names.filter((one) => one === name).length]),
  )

/** The machine that was claimed most often, and the one that took longest from its request. */
const worstOf = (db: Db) =>
  db.get<{ claims: number; seconds: number }>(
    sql`select max(fence) claims, max(updated_at - created_at) / 1000 seconds from machines where status = 'running'`,
  )
