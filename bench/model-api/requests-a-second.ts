import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { openDb } from '~/db/open'
import { walCommits } from '../../test/support/wal-commits'
import { bareTransactions } from '../bare-transactions'
import type { Report } from '../figures'
import { LOOK_EVERY_MS, type RunningSlipway } from '../slipway'
import { percentile, timed } from '../support'
import type { ByHand } from './by-hand'
import type { BenchModel } from './publish'

/** With the rounds before it and those counted, less than a user may call in a minute. */
const REQUESTS = 300
const CALLERS = 8
const COUNTED = 9

/** Calls from the first to the last that is completed, against what they are made of, one after the other. */
export async function requestsASecond(
  slipway: RunningSlipway,
  model: BenchModel,
  byHand: ByHand,
  report: Report,
): Promise<void> {
  const prompts = await timed(async () => {
    for (let n = 0; n < REQUESTS; n++) await byHand.run()
  })
  const commits = await commitsOfOne(slipway, model)
  const calls = await completed(slipway, model)
  // Last: nothing else happens meanwhile, and a call would go out over a connection that Slipway has closed by then.
  const db = openDb(join(slipway.folder, 'bare.db'))
  const transactions = await timed(async () => bareTransactions(db, REQUESTS * commits))
  db.$client.close()
  const figure = {
    what: `model calls completed, ${REQUESTS} for one machine`,
    value: rate(calls),
    unit: 'a second' as const,
  }
  report({ ...figure, beside: { what: 'the same prompts by hand', value: rate(prompts) } })
  const bare = `durable transactions ÷ ${commits}, as many as a call commits`
  report({ ...figure, beside: { what: bare, value: rate(transactions) } })
}

/** Counted, in the database's log: what else is written meanwhile, and checkpoints, fall out of the median. */
async function commitsOfOne({ db }: RunningSlipway, { run }: BenchModel): Promise<number> {
  const counts: number[] = []
  for (let n = 0; n < COUNTED; n++) {
    const before = walCommits(db)
    await run()
    counts.push(walCommits(db) - before)
  }
  return percentile(counts, 0.5)
}

const rate = (ms: number) => (REQUESTS * 1000) / ms

function completed({ db }: RunningSlipway, { post }: BenchModel): Promise<number> {
  const count = (status: 'completed' | 'failed') =>
    db.get<{ n: number }>(sql`select count(*) n from model_requests where status = ${status}`)?.n ?? 0
  const before = count('completed')
  let toCall = REQUESTS
  const caller = async () => {
    while (toCall-- > 0) await post()
  }
  return timed(async () => {
    await Promise.all(Array.from({ length: CALLERS }, caller))
    while (count('completed') - before < REQUESTS) {
      if (count('failed')) throw new Error('A request failed.')
      await pause(LOOK_EVERY_MS)
    }
  })
}
