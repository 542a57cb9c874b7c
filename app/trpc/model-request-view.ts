import { findQueueState } from '../../db/model-request-queue'
import type { ModelRequest } from '../../db/model-request-states'
import { listResultFiles, type ResultFile } from '../../db/model-requests'
import type { Reader } from '../../db/open'
import { iso } from './iso'

const fileView = ({ position, output, name, mediaType, bytes }: ResultFile) => ({
  position,
  output,
  name,
  mediaType,
  bytes,
})

/** A request as its caller sees it, but for its inputs: those can be files of megabytes. */
export function modelRequestView(db: Reader, request: ModelRequest) {
  const { machineId, queuePosition, waitsFor } = findQueueState(db, request)
  return {
    id: request.id,
    modelId: request.modelId,
    version: request.version,
    status: request.status,
    /** What comes first is 0; null unless it is in the queue. */
    queuePosition,
    /** Null unless it is in progress. */
    stage: request.stage,
    /** Of the stage, from 0 to 1; null while nobody knows. */
    progress: request.progress,
    /** In a sentence, what happens now; null when it has ended. */
    message: request.progressText ?? waitsFor,
    machineId,
    files:
      request.status === 'completed' && request.expiredAt === null
        ? listResultFiles(db, request.id).map(fileView)
        : [],
    /** By the name of the output. */
    texts: request.texts,
    error:
      request.errorClass === null ? null : { class: request.errorClass, message: request.errorMessage ?? '' },
    createdAt: iso(request.createdAt),
    startedAt: iso(request.startedAt),
    endedAt: iso(request.endedAt),
    /** When its files, texts and inputs were removed; null while they are kept. */
    expiredAt: iso(request.expiredAt),
  }
}
export type ModelRequestView = ReturnType<typeof modelRequestView>
