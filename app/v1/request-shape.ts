import { requestErrorCure } from '../../request-errors'
import type { ModelRequestView } from '../trpc/model-request-view'

/** Requests as RunComfy's clients read them. What isn't known is left out: they take no null for most of it. */

/** Where to ask about a request. RunComfy's client follows `result_url` as it is, with its token. */
export function requestUrls(publicUrl: string, id: string) {
  const url = `${publicUrl}/v1/requests/${id}`
  return {
    request_id: id,
    status_url: `${url}/status`,
    result_url: `${url}/result`,
    cancel_url: `${url}/cancel`,
  }
}

export const statusShape = (publicUrl: string, request: ModelRequestView) => ({
  ...requestUrls(publicUrl, request.id),
  status: request.status,
  queue_position: request.queuePosition ?? undefined,
  stage: request.stage ?? undefined,
  progress: request.progress ?? undefined,
  message: request.message ?? undefined,
  model_id: request.modelId,
  created_at: request.createdAt,
})

export const resultShape = (publicUrl: string, request: ModelRequestView) => ({
  request_id: request.id,
  status: request.status,
  output: request.status === 'completed' ? output(publicUrl, request) : null,
  error: request.error ? inWords(request.error) : undefined,
  created_at: request.createdAt,
  finished_at: request.endedAt,
  /** Since when `output` is empty, whatever came out. */
  expired_at: request.expiredAt ?? undefined,
})

/** By the name of the output: addresses of files, then texts. */
function output(publicUrl: string, { id, files, texts }: ModelRequestView): Record<string, string[]> {
  const all = new Map<string, string[]>()
  const add = (name: string, values: string[]) => all.set(name, [...(all.get(name) ?? []), ...values])
  for (const { position, output, name } of files)
    add(output, [`${publicUrl}/v1/requests/${id}/files/${position}/${encodeURIComponent(name)}`])
  for (const [name, values] of Object.entries(texts ?? {})) add(name, values)
  return Object.fromEntries(all)
}

function inWords(error: { class: string; message: string }): string {
  const cure = requestErrorCure(error.class)
  return cure && !error.message.includes(cure) ? `${error.message} ${cure}` : error.message
}
