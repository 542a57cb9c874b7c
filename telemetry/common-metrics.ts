import { statfs } from 'node:fs/promises'
import type { ModelAccess } from '../providers/model-access'
import type { ProviderId } from '../providers/registry'
import type { TokenCheck } from '../providers/token-check'
import type { Instruments } from './instruments'

/** What both web and workers count. */
export function commonMetrics({ counter, gauge }: Instruments, dataDir: string) {
  const issuerAnswers = counter(
    'slipway_issuer_answers_total',
    'Questions to Hugging Face and Civitai about tokens and models, by what came of them.',
    ['provider', 'about', 'result'],
  )
  diskGauges(gauge, dataDir)
  return {
    redisErrors: counter('slipway_redis_errors_total', 'Errors of connections to Redis.'),

    issuerAnswered: (
      provider: ProviderId,
      answer:
        | { about: 'token'; state: TokenCheck['state'] }
        | { about: 'model'; state: ModelAccess['state'] },
    ) => issuerAnswers.inc({ provider, about: answer.about, result: answer.state }),

    modelRequests: counter(
      'slipway_model_requests_total',
      'Requests to models that ended, by how; the class is empty unless one failed.',
      ['result', 'error_class'],
    ),
  }
}

function diskGauges(gauge: Instruments['gauge'], dataDir: string): void {
  gauge('slipway_disk_size_bytes', 'Size of the disk that DATA_DIR is on.', [], async (size) => {
    const { blocks, bsize } = await statfs(dataDir)
    size.set(blocks * bsize)
  })
  gauge('slipway_disk_free_bytes', 'What Slipway may still write there.', [], async (free) => {
    const { bavail, bsize } = await statfs(dataDir)
    free.set(bavail * bsize)
  })
}
