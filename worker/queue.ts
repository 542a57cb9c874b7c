import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import * as z from 'zod'
import { PROVIDER_IDS } from '../providers/registry'
import { type RedisFault, type RedisUse, redisFaults, redisUse } from './redis-health'

/**
 * The contract between whoever asks and the workers, and all of the worker that the web may import.
 * A job says what to look at, nothing more: the database is the truth, and a job that is lost, late or
 * doubled does no harm.
 */
export const QUEUE_NAME = 'launches'
/** Requests to models have a queue of their own: they are many, and no launch is to wait behind them. */
export const REQUEST_QUEUE_NAME = 'requests'

export const jobSchema = z.discriminatedUnion('job', [
  z.object({ job: z.enum(['launch', 'stop']), machineId: z.string(), attempt: z.number().int() }),
  z.object({ job: z.literal('check-token'), userId: z.string(), provider: z.enum(PROVIDER_IDS) }),
  z.object({ job: z.literal('check-model'), id: z.string() }),
  z.object({ job: z.literal('save'), id: z.string() }),
  z.object({ job: z.literal('request'), id: z.string() }),
  /** Proves that the queue still brings this worker its jobs; see `watchdog`. */
  z.object({ job: z.literal('probe'), workerId: z.string(), hops: z.number().int() }),
])
export type Job = z.infer<typeof jobSchema>

/** Keeps two installations on one Redis apart. */
export const queuePrefix = (installationId: string) => `slipway-${installationId}`

/** @param url `redis://…`, or `unix:///…` for a socket */
export const redisAddress = (url: string) => (url.startsWith('unix://') ? url.slice('unix://'.length) : url)

const ANSWER_LIMIT_MS = 1500

export interface LaunchQueue {
  /**
   * Wakes a worker for the job, within 1.5 seconds.
   * @returns false when Redis is away; workers look by themselves later, so nothing is lost
   */
  add(job: Job): Promise<boolean>
  /** What is wrong with Redis now; nothing, as a rule. */
  faults(): Promise<RedisFault[]>
  /** What Redis takes; undefined while it is away. */
  use(): Promise<RedisUse | undefined>
  close(): Promise<void>
}

export function openLaunchQueue(
  { redisUrl, installationId }: { redisUrl: string; installationId: string },
  onError: (error: Error) => void,
): LaunchQueue {
  // Without the offline queue a command fails at once while Redis is away, instead of hanging.
  const connection = new Redis(redisAddress(redisUrl), {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    retryStrategy: () => 500,
  })
  connection.on('error', onError)
  const prefix = queuePrefix(installationId)
  const open = (name: string) =>
    new Queue<Job>(name, {
      connection,
      prefix,
      streams: { events: { maxLen: 1000 } },
      defaultJobOptions: {
        // The database counts the tries and decides; this is only more than it will ever allow.
        attempts: 20,
        backoff: { type: 'custom' },
        removeOnComplete: true,
        removeOnFail: true,
        stackTraceLimit: 0,
        sizeLimit: 4096,
      },
    }).on('error', onError)
  const launches = open(QUEUE_NAME)
  const requests = open(REQUEST_QUEUE_NAME)

  const within = async <T>(work: Promise<T>, otherwise: T): Promise<T> => {
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<T>((resolve) => {
      timer = setTimeout(resolve, ANSWER_LIMIT_MS, otherwise)
    })
    try {
      return await Promise.race([work, limit])
    } catch (error) {
      onError(error as Error)
      return otherwise
    } finally {
      clearTimeout(timer)
    }
  }
  const succeeds = (work: Promise<unknown>) =>
    within(
      work.then(() => true),
      false,
    )

  return {
    add: (job) =>
      succeeds(
        job.job === 'request'
          ? requests.add(job.job, job)
          : launches.add(job.job, job, { jobId: jobId(job) }),
      ),
    faults: () => within(redisFaults(connection, `${prefix}:writable`), ['redis']),
    use: () => within<RedisUse | undefined>(redisUse(connection), undefined),
    close: async () => {
      await succeeds(Promise.all([launches.close(), requests.close()]))
      connection.disconnect()
    },
  }
}

/** An id of its own for each attempt: BullMQ ignores a second job under the id of one that it still has. */
function jobId(job: Exclude<Job, { job: 'request' }>): string {
  if (job.job === 'check-token') return `check-token_${job.userId}_${job.provider}`
  if (job.job === 'check-model' || job.job === 'save') return `${job.job}_${job.id}`
  if (job.job === 'probe') return `probe_${job.workerId}_${job.hops}`
  return `${job.job}_${job.machineId}_${job.attempt}`
}
