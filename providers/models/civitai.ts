import { z } from 'zod'
import { readJson, readText } from '../network/body'
import { Refusal } from '../refusal'
import { explain401, explainCommon, explainUnauthorized, type Issuer, type IssuerContext } from './issuer'
import { type CivitaiFile, isPlainName } from './source'

const fileSchema = z.object({
  id: z.number().optional(),
  name: z.string(),
  type: z.string().optional(),
  sizeKB: z.number().optional(),
  primary: z.boolean().nullish(),
  metadata: z
    .object({ format: z.string().nullish(), size: z.string().nullish(), fp: z.string().nullish() })
    .nullish(),
  hashes: z.object({ SHA256: z.string().nullish() }).nullish(),
})
const versionSchema = z.object({
  id: z.number(),
  model: z.object({ type: z.string().nullish(), mode: z.string().nullish() }).nullish(),
  files: z.array(fileSchema).default([]),
})
const modelSchema = z.object({ modelVersions: z.array(z.object({ id: z.number() })).default([]) })
type VersionFile = z.infer<typeof fileSchema>

/** Civitai: its API tells name, size and SHA-256; HEAD on a download is unreliable there, so none is made. */
export const civitai: Issuer<CivitaiFile> = {
  async inspect(source, context) {
    const versionId = source.versionId ?? (await newestVersion(source, context))
    const version = await readApi(`model-versions/${versionId}`, versionSchema, source, context)
    const file = chooseFile(version.files, source.choice)
    if (!file) throw version.model?.mode === 'Archived' ? archived() : noSuchFile()
    const sha256 = file.hashes?.SHA256?.toLowerCase()
    const query = new URLSearchParams(source.choice).toString()
    return {
      url: `${source.base}/api/download/models/${version.id}${query && `?${query}`}`,
      name: isPlainName(file.name) ? file.name : `civitai-${version.id}.safetensors`,
      types: [file.type, version.model?.type].flatMap((type) => type ?? []),
      size: file.sizeKB === undefined ? undefined : Math.round(file.sizeKB * 1024),
      sizeTolerance: 1024,
      sha256: sha256 && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined,
    }
  },

  async explain(answer, source, context) {
    // What a browser gets instead of a 401: the sign-in page, with status 200.
    if (answer.url.pathname === '/login') return explainUnauthorized('civitai', context)
    const text = answer.status >= 400 ? await readText(answer) : ''
    if (/disabled downloads/i.test(text))
      return new Refusal(
        'creator_disabled',
        'The creator has turned off downloads of this file. No key opens it.',
        page(source),
      )
    if (answer.status === 401) return explain401('civitai', answer, text, context)
    if (answer.status === 403 && /early access/i.test(text)) {
      const until = /"deadline"\s*:\s*"(\d{4}-\d{2}-\d{2})/.exec(text)?.[1]
      const end = until ? ` until ${until}` : ''
      return new Refusal(
        'early_access',
        `This version is in Early Access${end}. Buy access on its page, or wait.`,
        page(source),
      )
    }
    if (answer.status === 403)
      return new Refusal(
        'network',
        `Civitai refuses ${context.voice.here}’s address or account (403). Try again later.`,
        page(source),
      )
    if (answer.status === 404) return noSuchFile()
    return answer.status === 410 ? archived() : explainCommon('civitai', answer)
  },
}

async function newestVersion(source: CivitaiFile, context: IssuerContext): Promise<number> {
  const [newest] = (await readApi(`models/${source.modelId}`, modelSchema, source, context)).modelVersions
  if (!newest) throw archived()
  return newest.id
}

async function readApi<T>(
  path: string,
  schema: z.ZodType<T>,
  source: CivitaiFile,
  context: IssuerContext,
): Promise<T> {
  const { network, token, signal } = context
  const url = `${source.base}/api/v1/${path}`
  const answer = await network.open({ method: 'GET', url, provider: 'civitai', token, follow: 'all', signal })
  try {
    if (answer.status === 404)
      throw new Refusal(
        'not_found_or_private',
        'Civitai shows no such model. It may have been removed or made private.',
      )
    if (answer.status !== 200 || answer.url.pathname === '/login')
      throw await civitai.explain(answer, source, context)
    const parsed = schema.safeParse(readJson(await readText(answer)))
    if (!parsed.success)
      throw new Refusal('network', 'Civitai’s answer makes no sense. Try again in a while.')
    return parsed.data
  } catch (error) {
    throw network.explain(error, answer)
  } finally {
    answer.body.destroy()
  }
}

function chooseFile(files: VersionFile[], choice: CivitaiFile['choice']): VersionFile | undefined {
  const fits = (wanted: string | undefined, given: unknown) => !wanted || wanted === String(given)
  const fitting = files.filter(
    (file) =>
      fits(choice.fileId, file.id) &&
      fits(choice.type, file.type) &&
      fits(choice.format, file.metadata?.format) &&
      fits(choice.size, file.metadata?.size) &&
      fits(choice.fp, file.metadata?.fp),
  )
  return fitting.find((file) => file.primary) ?? fitting[0]
}

const page = ({ base, modelId, versionId }: CivitaiFile) => ({
  href: modelId ? `${base}/models/${modelId}` : `${base}/model-versions/${versionId}`,
  label: 'The model’s page',
})
const archived = () => new Refusal('archived', 'This model is archived: Civitai no longer offers its files.')
const noSuchFile = () =>
  new Refusal(
    'revision_or_file_missing',
    'This version has no such file. Copy the download link from the model’s page again.',
  )

/**
 * Asks for the first byte of the file, from wherever Civitai leads: HEAD is refused there even with a good key.
 * @throws Refusal that says why the download would not work
 */
export async function requireDownload(
  url: string,
  source: CivitaiFile,
  context: IssuerContext,
): Promise<void> {
  const { network, token, signal } = context
  const call = { method: 'GET', url, provider: 'civitai', token, follow: 'all', signal } as const
  const answer = await network.open({ ...call, range: 'bytes=0-0' })
  try {
    const isPage = /^text\/html/i.test(answer.header('content-type') ?? '')
    if (![200, 206].includes(answer.status) || isPage) throw await civitai.explain(answer, source, context)
  } catch (error) {
    throw network.explain(error, answer)
  } finally {
    answer.body.destroy()
  }
}
