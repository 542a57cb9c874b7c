import { newId } from '~/db/ids'
import type { Seeding } from './seed'

const MINUTE_MS = 60_000
const KEPT_MS = 7 * 24 * 60 * MINUTE_MS
/** Fewer than 90 days: what is older is forgotten. */
const SPAN_MS = 80 * 24 * 60 * MINUTE_MS

/** Models for everybody, and calls of them that have ended. Of those that are older than a week no files are kept. */
export function seedRequests({ into, amounts, now, userIds }: Seeding): void {
  const modelIds = Array.from({ length: amounts.models }, (_, n) => {
    const owner = n % userIds.length
    const id = `user-${owner}/model-${n}`
    const at = now - (amounts.models - n) * MINUTE_MS
    into.models({
      id,
      userId: userIds[owner] as string,
      visibility: 'everyone',
      version: 1,
      createdAt: at,
      updatedAt: at,
    })
    into.versions({
      modelId: id,
      version: 1,
      createdAt: at,
      workflow: { 1: { class_type: 'SaveImage', inputs: { filename_prefix: 'x'.repeat(4000) } } },
      definition: {
        title: `Model ${n}`,
        description: 'A lighthouse at dusk',
        categories: ['images'],
        inputs: [],
        outputs: [{ name: 'images', title: 'Images', node: '1' }],
        sources: [],
      },
    })
    return id
  })
  const adminsEvery = Math.floor(amounts.requests / amounts.requestsOfAdmin)
  for (let n = 0; n < amounts.requests; n++) {
    const id = newId()
    const createdAt = now - Math.floor((SPAN_MS * (amounts.requests - n)) / amounts.requests)
    const isKept = createdAt > now - KEPT_MS + MINUTE_MS
    const isFailed = n % 20 === 0
    into.requests({
      id,
      userId: userIds[n % adminsEvery === 0 ? 0 : n % userIds.length] as string,
      modelId: modelIds[n % modelIds.length] as string,
      version: 1,
      callHash: 'a'.repeat(64),
      status: isFailed ? 'failed' : 'completed',
      ...(isFailed && { errorClass: 'machine_failed', errorMessage: 'The machine failed.' }),
      machineId: newId(),
      machineAttempt: 1,
      createdAt,
      startedAt: createdAt,
      endedAt: createdAt + MINUTE_MS,
      expiredAt: isKept ? null : createdAt + KEPT_MS,
      revision: n + 1,
    })
    if (isKept) into.inputs({ requestId: id, inputs: { prompt: 'a lighthouse at dusk' } })
  }
}
