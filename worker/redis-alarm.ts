import type { WorkerDeps } from './deps'
import type { RedisFault } from './redis-health'

const ALARMS: Record<RedisFault, string> = {
  redis: 'Redis does not answer: launches wait in the database',
  redis_memory: 'Redis is full: launches wait in the database until it has room (maxmemory)',
  redis_eviction_policy:
    'Redis may throw jobs away: set its maxmemory-policy to noeviction, or launches can be late',
}

/** @returns what looks at Redis, and says in the log what is wrong with it, once, and when that is over */
export function redisAlarm({
  queue,
  logger,
  metrics,
}: Pick<WorkerDeps, 'queue' | 'logger' | 'metrics'>): () => Promise<void> {
  let known: RedisFault[] = []
  return async () => {
    const faults = await queue.faults()
    metrics.redisHas(faults)
    for (const fault of faults) if (!known.includes(fault)) logger.error({ fault }, ALARMS[fault])
    for (const fault of known) if (!faults.includes(fault)) logger.info({ fault }, 'Redis is well again')
    known = faults
  }
}
