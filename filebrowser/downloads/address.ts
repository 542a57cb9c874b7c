import type { ModelSource } from '~/providers/models/source'

/** The address that stands for a source: what `parseModelUrl` reads, and nothing else of what was pasted. */
export function addressOf(source: ModelSource): string {
  if (source.provider === null) return source.url
  if (source.provider === 'huggingface') {
    const { base, repo, revision, path } = source
    return `${base}/${repo}/resolve/${encodeURIComponent(revision)}/${path.map(encodeURIComponent).join('/')}`
  }
  const { base, versionId, modelId, choice } = source
  const query = new URLSearchParams(choice).toString()
  const path = versionId ? `api/download/models/${versionId}` : `models/${modelId}`
  return `${base}/${path}${query && `?${query}`}`
}

/** What to call a file that nobody has asked about yet. */
export function calledBy(source: ModelSource): string {
  if (source.provider === 'huggingface') return source.path.at(-1) ?? ''
  if (source.provider === null) return new URL(source.url).pathname.split('/').at(-1) || source.url
  return source.versionId ? `Civitai version ${source.versionId}` : `Civitai model ${source.modelId}`
}
