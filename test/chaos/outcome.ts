import { and, eq } from 'drizzle-orm'
import { retryLaunch } from '~/db/launch-retries'
import type { LaunchRef } from '~/db/machine-requests'
import { findMachine } from '~/db/machine-states'
import { launchAttempts, machineEvents, machineServices, machines } from '~/db/schema'
import { commandLines, filesBelow, findSecrets, type Place, redisKeys } from '../e2e/search'
import { SOMEBODY } from '../support/actors'
import { until } from '../support/until'
import { type BackEnd, SECRET } from './back-end'
import type { Living } from './site'
import { untilNotBusy } from './storm'

/** Enough for a lease to run out, every try of a launch, and the queue of all of them. */
const CALM_LIMIT_MS = 300_000
/** What a storm may do to a launch. An administrator retries it once the storm is over. */
const MAY_FAIL_AS = ['engine_unreachable', 'runtime_unavailable', 'worker_lost']

/**
 * Waits until every machine is where it was asked to be, and retries what failed, as an administrator does.
 * @returns how many launches of each class had failed
 */
export async function settle(backEnd: BackEnd, toRun: LaunchRef[], toStop: LaunchRef[]) {
  const { db, queue } = backEnd
  const retried: Record<string, number> = {}
  const statusOf = ({ machineId }: LaunchRef) => findMachine(db, machineId)?.status
  await until(
    'every machine is where it was asked to be',
    async () => {
      for (const { machineId } of toRun.filter((ref) => statusOf(ref) === 'failed')) {
        const { errorClass, errorDetail } = lastAttempt(db, machineId)
        if (!MAY_FAIL_AS.includes(errorClass ?? ''))
          throw new Error(
            `A launch failed as ${errorClass}: ${errorDetail}\n${story(backEnd, machineId).join('\n')}`,
          )
        retried[errorClass ?? ''] = (retried[errorClass ?? ''] ?? 0) + 1
        const ref = await untilNotBusy(() => retryLaunch(db, machineId, SOMEBODY, Date.now))
        await queue.add({ job: 'launch', ...ref })
      }
      // A launch that failed by itself has ended too.
      return (
        toRun.every((ref) => statusOf(ref) === 'running') &&
        toStop.every((ref) => ['stopped', 'failed'].includes(statusOf(ref) ?? ''))
      )
    },
    CALM_LIMIT_MS,
  )
  return retried
}

function lastAttempt(db: BackEnd['db'], machineId: string) {
  const attempt = findMachine(db, machineId)?.attempt ?? 0
  const which = and(eq(launchAttempts.machineId, machineId), eq(launchAttempts.attempt, attempt))
  const found = db.select().from(launchAttempts).where(which).get()
  if (!found) throw new Error(`There is no attempt ${attempt} of ${machineId}.`)
  return found
}

/** What database and workers know of a machine, in the order in which it happened. */
function story({ db, pool }: BackEnd, machineId: string): string[] {
  const events = db.select().from(machineEvents).where(eq(machineEvents.machineId, machineId)).all()
  const lines = pool.printed().flatMap(({ name, text }) =>
    text
      .split('\n')
      .filter((line) => line.includes(machineId) && line.startsWith('{'))
      .map((line) => ({ at: JSON.parse(line).time as number, text: `${name}: ${line}` })),
  )
  return [...events, ...lines]
    .sort((one, other) => one.at - other.at)
    .map(({ at, text }) => `${new Date(at).toISOString()} ${text}`)
}

/** @returns in words what is not as it should be; none, when all is well */
export async function flawsOf(backEnd: BackEnd, toRun: LaunchRef[], flushed: Place[]): Promise<string[]> {
  const { db, site, pool, redis, folder } = backEnd
  await sweptTwice(backEnd)
  const wanted = toRun.map(({ machineId }) => `${machineId} ${findMachine(db, machineId)?.attempt}`).sort()
  const words = ({ machineId, attempt }: Living) => `${machineId} ${attempt}`
  const living = (await site.living()).map(words).sort()
  const rows = db.select().from(machines).where(eq(machines.status, 'running')).all()
  const [{ integrity_check: integrity } = { integrity_check: 'no answer' }] = db.$client.pragma(
    'integrity_check',
  ) as { integrity_check: string }[]
  const places = [
    ...filesBelow(folder),
    ...flushed,
    ...pool.printed(),
    ...commandLines(),
    ...(await redisKeys(redis)),
  ]
  return [
    ...missing(wanted, living).map((one) => `${one} does not run`),
    ...missing(living, wanted).map((one) => `${one} runs too often`),
    ...(rows.length === toRun.length ? [] : [`${rows.length} rows say running`]),
    ...(await site.leftovers(toRun.length)),
    ...(await Promise.all(toRun.map(({ machineId }) => silence(db, machineId)))).flat(),
    ...(integrity === 'ok' ? [] : [integrity]),
    ...(db.$client.pragma('foreign_key_check') as unknown[]).map((row) => JSON.stringify(row)),
    ...findSecrets(places, [SECRET]).map((name) => `a secret in ${name}`),
  ]
}

/** What is in the first list more often than in the second. */
function missing(from: string[], others: string[]): string[] {
  const left = [...others]
  return from.filter((one) => {
    const at = left.indexOf(one)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

/** Whether a machine's address is its own, and it holds its owner's token. */
async function silence(db: BackEnd['db'], machineId: string): Promise<string[]> {
  const service = db.select().from(machineServices).where(eq(machineServices.machineId, machineId)).get()
  try {
    const answer = await fetch(service?.address ?? '', { signal: AbortSignal.timeout(10_000) })
    const { SLIPWAY_MACHINE_ID, HF_TOKEN } = (await answer.json()) as Record<string, string>
    if (SLIPWAY_MACHINE_ID !== machineId) return [`${SLIPWAY_MACHINE_ID} answers for ${machineId}`]
    return HF_TOKEN === SECRET ? [] : [`${machineId} does not have its token`]
  } catch (error) {
    return [`${machineId} does not answer at ${service?.address}: ${error}`]
  }
}

/** What runs and shouldn't is ended when it is seen twice. */
async function sweptTwice({ pool }: BackEnd) {
  const sweeps = () => pool.workers().map(({ output }) => output.filter((line) => line === 'swept').length)
  const before = sweeps()
  await until(
    'every worker swept twice',
    () => sweeps().every((count, n) => count > (before[n] ?? 0) + 2),
    60_000,
  )
}
