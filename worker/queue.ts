import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { z } from 'zod'
import { PROVIDER_IDS } from '../providers/registry'

/**
 * The contract between whoever asks and the workers, and all of the worker that the web may import.
 * A job says what to look at, nothing more: the database is the truth, and a job that is lost, late or
 * doubled does no harm.
 */
export const QUEUE_NAME = 'launches'

export const jobSchema = z.discriminatedUnion('job', [
  z.object({ job: z.enum(['launch', 'stop']), machineId: z.string(), attempt: z.number().int() }),
  z.object({ job: z.literal('check-token'), userId: z.string(), provider: z.enum(PROVIDER_IDS) }),
  z.object({ job: z.literal('check-model'), id: z.string() }),
  z.object({ job: z.literal('save'), id: z.string() }),
])
export type Job = z.infer<typeof jobSchema>

/** Keeps two installations on one Redis apart. */
export const queuePrefix = (installationId: string) => `slipway-${installationId}`

/** @param url `redis://…`, or `unix:///…` for a socket */
export const redisAddress = (url: string) => (url.startsWith('unix://') ? url.slice('unix://'.length) : url)

const ADD_LIMIT_MS = 1500

export interface LaunchQueue {
  /**
   * Wakes a worker for the job, within 1.5 seconds.
   * @returns false when Redis is away; workers look by themselves later, so nothing is lost
   */
  add(job: Job): Promise<boolean>
  /** Whether Redis answers now. */
  ping(): Promise<boolean>
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
  const queue = new Queue<Job>(QUEUE_NAME, {
    connection,
    prefix: queuePrefix(installationId),
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
  })
  queue.on('error', onError)

  const withinLimit = async (work: Promise<unknown>) => {
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, ADD_LIMIT_MS, false)
    })
    try {
      return await Promise.race([work.then(() => true), limit])
    } catch (error) {
      onError(error as Error)
      return false
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    add: (job) => withinLimit(queue.add(job.job, job, { jobId: jobId(job) })),
    ping: () => withinLimit(connection.ping()),
    close: async () => {
      await withinLimit(queue.close())
      connection.disconnect()
    },
  }
}

/** An id of its own for each attempt: BullMQ ignores a second job under the id of one that it still has. */
function jobId(job: Job): string {
  if (job.job === 'check-token') return `check-token_${job.userId}_${job.provider}`
  if (job.job === 'check-model' || job.job === 'save') return `${job.job}_${job.id}`
  return `${job.job}_${job.machineId}_${job.attempt}`
}
