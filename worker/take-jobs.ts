import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { TryAgain } from './launch'
import { type Job, jobSchema, QUEUE_NAME, queuePrefix, redisAddress } from './queue'

const CONCURRENCY = 8
/** How long the queue may take to close once no work runs; with Redis away it never would. */
const CLOSE_LIMIT_MS = 2000

interface TakeJobsOptions {
  redisUrl: string
  installationId: string
  leaseMs: number
  /** Does what a job says; what it throws is all that Redis learns of a failure. */
  work(job: Job): Promise<void>
  logger: Logger
}

/** Takes jobs from the queue, a few at a time. Waits for Redis as long as it takes. */
export function takeJobs({ redisUrl, installationId, leaseMs, work, logger }: TakeJobsOptions) {
  const running = new Set<Promise<void>>()

  function connect() {
    // Commands of a worker wait for Redis to come back instead of failing.
    const connection = new Redis(redisAddress(redisUrl), {
      maxRetriesPerRequest: null,
      retryStrategy: () => 500,
    })
    connection.on('error', (error) => logger.debug({ reason: error.message }, 'redis'))
    let atWork = 0
    const worker = new Worker<Job>(
      QUEUE_NAME,
      async ({ data }) => {
        const one = work(jobSchema.parse(data))
        running.add(one)
        atWork++
        try {
          await one
        } finally {
          atWork--
          running.delete(one)
        }
      },
      {
        connection,
        prefix: queuePrefix(installationId),
        concurrency: CONCURRENCY,
        // Another worker can claim the machine once the lease has run out, so the job comes back then too.
        lockDuration: leaseMs,
        stalledInterval: Math.ceil(leaseMs / 3),
        maxStalledCount: 5,
        drainDelay: 5,
        settings: {
          backoffStrategy: (_tries, _type, error) => (error instanceof TryAgain ? error.afterMs : 1000),
        },
      },
    )
    worker.on('error', (error) => logger.debug({ reason: error.message }, 'queue'))
    return {
      isFull: () => atWork >= CONCURRENCY,
      /** @param force without waiting for what it still does, which goes on; its jobs come again and find it claimed */
      close: (force: boolean) =>
        worker.close(force).catch((error) => logger.debug({ reason: error.message }, 'queue')),
      disconnect: () => connection.disconnect(),
    }
  }

  let current = connect()
  return {
    isFull: () => current.isFull(),

    /** Leaves the connection as it is, and takes jobs by a new one. */
    reconnect() {
      const { close, disconnect } = current
      current = connect()
      void Promise.race([close(true), pause(CLOSE_LIMIT_MS, undefined, { ref: false })]).then(disconnect)
    },

    /** Settles when no job runs any more. */
    ended: () => Promise.allSettled(running),

    /** Takes nothing more from now on. @returns what disconnects once the work has ended */
    close(): () => Promise<void> {
      const { close, disconnect } = current
      const closed = close(false)
      return async () => {
        await Promise.race([closed, pause(CLOSE_LIMIT_MS, undefined, { ref: false })])
        disconnect()
      }
    },
  }
}
