import type { RedisFault } from '../worker/redis-health'
import { commonMetrics } from './common-metrics'
import { instruments } from './instruments'

/** What a worker opens saved tokens for. */
export type TokenPurpose = 'launch' | 'save' | 'token_check' | 'model_check' | 'results' | 'failure_text'

/** What the sweeper found and mended. */
type Finding = 'stray' | 'gone' | 'moved' | 'hung'

/** From half a second to half an hour. */
const LAUNCH_SECONDS = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800]
const REQUEST_SECONDS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600]

const REDIS_FAULTS: readonly RedisFault[] = ['redis', 'redis_memory', 'redis_eviction_policy']

/** What one worker counts, in a registry of its own. Each event is counted once, after the write that makes it so. */
export function workerMetrics(dataDir: string) {
  const made = instruments()
  const { registry, counter, gauge, histogram } = made
  const decrypts = counter(
    'slipway_token_decrypts_total',
    'Saved tokens that were decrypted, by purpose; `unreadable` where the keys did not fit.',
    ['purpose', 'result'],
  )
  const findings = counter(
    'slipway_sweeper_findings_total',
    'What differed from the database and was mended: stray, gone or moved machines, and hung launches.',
    ['kind'],
  )
  const redisFaults = gauge('slipway_redis_fault', 'What is wrong with Redis: 1 while it is.', ['fault'])
  return {
    registry,
    ...commonMetrics(made, dataDir),
    launches: counter(
      'slipway_launches_total',
      'Attempts to launch that ended, by how; the class is empty unless one failed.',
      ['result', 'error_class'],
    ),
    launchClaims: counter('slipway_launch_claims_total', 'Tries that a worker began, takeovers included.'),
    launchRetries: counter(
      'slipway_launch_retries_total',
      'Tries that failed and are made again by themselves, by the class of the failure.',
      ['error_class'],
    ),
    launchSeconds: histogram(
      'slipway_launch_seconds',
      'Seconds from the request of an attempt until its machine ran, waiting included.',
      LAUNCH_SECONDS,
    ),
    modelRequestSeconds: histogram(
      'slipway_model_request_seconds',
      'Seconds from the call of a model until its results were there, waiting included.',
      REQUEST_SECONDS,
    ),
    modelFiles: counter(
      'slipway_model_files_total',
      'Model files that file managers were asked to download for a request to a model, by what came of it.',
      ['result'],
    ),
    cloudSaves: counter(
      'slipway_cloud_saves_total',
      'Cloud saves that ended, by how; the class is empty unless one failed.',
      ['result', 'error_class'],
    ),
    queueJobs: counter(
      'slipway_queue_jobs_total',
      'Jobs that BullMQ reports as completed, failed (also to be tried again) or stalled.',
      ['queue', 'event'],
    ),
    decrypted: (purpose: TokenPurpose, result: 'ok' | 'unreadable', tokens = 1) =>
      decrypts.inc({ purpose, result }, tokens),
    found: (kind: Finding) => findings.inc({ kind }),
    redisHas(faults: readonly RedisFault[]): void {
      for (const fault of REDIS_FAULTS) redisFaults.set({ fault }, faults.includes(fault) ? 1 : 0)
    },
  }
}

export type WorkerMetrics = ReturnType<typeof workerMetrics>
