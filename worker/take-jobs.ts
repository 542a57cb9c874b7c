import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'
import type { Logger } from 'pino'
import type { WorkerMetrics } from '../telemetry/worker-metrics'
import { TryAgain } from './launch'
import { type Job, jobSchema, QUEUE_NAME, queuePrefix, REQUEST_QUEUE_NAME, redisAddress } from './queue'

const CONCURRENCY = 8
/** Jobs of requests only begin something; how many run at once is counted where they run. */
const REQUEST_CONCURRENCY = 64
/** How long the queue may take to close once no work runs; with Redis away it never would. */
const CLOSE_LIMIT_MS = 2000

interface TakeJobsOptions {
  redisUrl: string
  installationId: string
  leaseMs: number
  /** Does what a job says; what it throws is all that Redis learns of a failure. */
  work(job: Job): Promise<void>
  logger: Logger
  metrics: Pick<WorkerMetrics, 'queueJobs' | 'redisErrors'>
}

/** Takes jobs from both queues, a few at a time. Waits for Redis as long as it takes. */
export function takeJobs({ redisUrl, installationId, leaseMs, work, logger, metrics }: TakeJobsOptions) {
  const running = new Set<Promise<void>>()

  function connect() {
    // Commands of a worker wait for Redis to come back instead of failing.
    const connection = new Redis(redisAddress(redisUrl), {
      maxRetriesPerRequest: null,
      retryStrategy: () => 500,
    })
    connection.on('error', (error) => {
      metrics.redisErrors.inc()
      logger.debug({ reason: error.message }, 'redis')
    })
    const launches = serve(connection, QUEUE_NAME, CONCURRENCY)
    const requests = serve(connection, REQUEST_QUEUE_NAME, REQUEST_CONCURRENCY)
    return {
      isFull: launches.isFull,
      /** @param force without waiting for what it still does, which goes on; its jobs come again and find it claimed */
      close: (force: boolean) => Promise.all([launches.close(force), requests.close(force)]),
      disconnect: () => connection.disconnect(),
    }
  }

  function serve(connection: Redis, queue: string, concurrency: number) {
    let atWork = 0
    const worker = new Worker<Job>(
      queue,
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
        concurrency,
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
    const log = (error: Error) => logger.debug({ reason: error.message }, 'queue')
    worker.on('error', log)
    for (const event of ['completed', 'failed', 'stalled'] as const)
      worker.on(event, () => metrics.queueJobs.inc({ queue, event }))
    return {
      isFull: () => atWork >= concurrency,
      close: (force: boolean) => worker.close(force).catch(log),
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
