import { civitaiAddress } from '~/providers/models/civitai-source'
import { hubFileAddress } from '~/providers/models/hub-address'
import type { ModelSource } from '~/providers/models/source'

/** The address that stands for a source: what `parseModelUrl` reads, and nothing else of what was pasted. */
export function addressOf(source: ModelSource): string {
  if (source.provider === null) return source.url
  return source.provider === 'huggingface' ? hubFileAddress(source) : civitaiAddress(source)
}

/** What to call a file that nobody has asked about yet. */
export function calledBy(source: ModelSource): string {
  if (source.provider === 'huggingface') return source.path.at(-1) ?? ''
  if (source.provider === null) return new URL(source.url).pathname.split('/').at(-1) || source.url
  return source.versionId ? `Civitai version ${source.versionId}` : `Civitai model ${source.modelId}`
}
