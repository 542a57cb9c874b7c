import { Refusal } from '../refusal'
import type { CivitaiFile, Place } from './source'

/** How a file of a version is asked for; longer values name none. */
const CHOICES = {
  type: /^[\w -]{1,20}$/,
  format: /^[\w -]{1,20}$/,
  size: /^\w{1,20}$/,
  fp: /^\w{1,20}$/,
  fileId: /^\d{1,15}$/,
}

const CIVITAI_VERSION = /^\/(?:api\/download\/models|(?:api\/v1\/)?model-versions)\/(\d{1,15})\/?$/
const CIVITAI_MODEL = /^\/(?:api\/v1\/)?models\/(\d{1,15})(?:\/[^/]*)?\/?$/

/** @throws Refusal `bad_url` */
export function parseCivitai({ url, pathname, base }: Place): CivitaiFile {
  const modelId = CIVITAI_MODEL.exec(pathname)?.[1]
  const versionId = CIVITAI_VERSION.exec(pathname)?.[1] ?? (modelId && url.searchParams.get('modelVersionId'))
  const usable = versionId ? /^\d{1,15}$/.test(versionId) : modelId
  if (!usable)
    throw new Refusal(
      'bad_url',
      'Paste the address of a model on Civitai (…/models/…), or its download link (…/api/download/models/…).',
    )
  const choice = Object.fromEntries(
    Object.entries(CHOICES).flatMap(([name, shape]) => {
      const value = url.searchParams.get(name)
      if (value && !shape.test(value))
        throw new Refusal(
          'bad_url',
          `Civitai has no file with such a “${name}”. Copy the download link from the model’s page again.`,
        )
      return value ? [[name, value]] : []
    }),
  )
  return { provider: 'civitai', base, versionId: versionId || undefined, modelId, choice }
}

/**
 * The address that stands for exactly this source, in terms of the public site, so that it holds where another
 * endpoint is set; `parseModelUrl` reads it.
 */
export function civitaiAddress({ base, modelId, versionId, choice }: CivitaiFile): string {
  const host = base === 'https://civitai.red' ? base : 'https://civitai.com'
  const query = new URLSearchParams({
    ...(modelId && versionId && { modelVersionId: versionId }),
    ...choice,
  }).toString()
  const path = modelId ? `/models/${modelId}` : `/api/download/models/${versionId}`
  return `${host}${path}${query && `?${query}`}`
}
