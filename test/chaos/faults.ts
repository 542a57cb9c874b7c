import { setTimeout as pause } from 'node:timers/promises'
import type { Place } from '../e2e/search'
import type { BackEnd } from './back-end'
import type { Random } from './random'

/** Does its harm and mends it again; false when there was nothing to do it to just then. */
type Fault = () => Promise<boolean>

/** All that can go wrong, each as often as its share says. */
export function faultsOf({ pool, redis, site }: BackEnd, random: Random) {
  /** What was in Redis's files before a flush emptied them. */
  const flushed: Place[] = []
  let redisIsAway = false
  let engineIsAway = false
  const away = (from: number, to: number) => {
    const ms = random.between(from, to)
    return () => pause(ms)
  }
  const toWorker =
    (work: (place: Parameters<typeof pool.replace>[0]) => Promise<void>): Fault =>
    () =>
      pool.disturb((free) => random.oneOf(free), work)

  const faults: Record<string, { share: number; fault: Fault }> = {
    'worker killed': {
      share: 6,
      fault: toWorker((place) => pool.replace(place, 'SIGKILL', away(0, 2000))),
    },
    'worker told to end': {
      share: 2,
      fault: toWorker((place) => pool.replace(place, 'SIGTERM', away(0, 1000))),
    },
    'worker suspended': {
      share: 3,
      fault: toWorker(async ({ worker }) => {
        worker.signal('SIGSTOP')
        await away(1000, 9000)()
        worker.signal('SIGCONT')
      }),
    },
    'Redis killed': {
      share: 2,
      async fault() {
        if (redisIsAway) return false
        redisIsAway = true
        await redis.kill()
        await away(100, 4000)()
        await redis.restart()
        redisIsAway = false
        return true
      },
    },
    'Redis flushed': {
      share: 2,
      async fault() {
        if (redisIsAway) return false
        flushed.push({ name: 'Redis before a flush', text: redis.written() })
        return redis.command('FLUSHALL').then(
          () => true,
          () => false,
        )
      },
    },
    ...(site.restart && {
      'Engine killed': {
        share: 4,
        async fault() {
          if (engineIsAway || !site.restart) return false
          engineIsAway = true
          await site.restart(away(0, 3000))
          engineIsAway = false
          return true
        },
      },
    }),
  }
  const choices = Object.entries(faults).flatMap(([name, { share, fault }]) =>
    Array.from({ length: share }, () => ({ name, fault })),
  )
  return {
    flushed,
    any: () => random.oneOf(choices),
    /** One of the kinds that have not happened yet; none once all have. */
    missing: (happened: ReadonlySet<string>) => choices.find(({ name }) => !happened.has(name)),
  }
}
