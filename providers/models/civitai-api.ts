import * as z from 'zod'
import { readJson, readText } from '../network/body'
import { Refusal } from '../refusal'
import { archived, civitaiPage, explainCivitai, noSuchModel } from './civitai-answers'
import type { IssuerContext } from './issuer'
import type { CivitaiFile } from './source'

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
  pickleScanResult: z.string().nullish(),
  virusScanResult: z.string().nullish(),
})
const versionSchema = z.object({
  id: z.number(),
  modelId: z.number().nullish(),
  name: z.string().nullish(),
  baseModel: z.string().nullish(),
  /** Whether its files may be downloaded, or only used to generate on Civitai. */
  usageControl: z.string().nullish(),
  model: z
    .object({ name: z.string().nullish(), type: z.string().nullish(), mode: z.string().nullish() })
    .nullish(),
  files: z.array(fileSchema).default([]),
})
const modelSchema = z.object({
  name: z.string().nullish(),
  mode: z.string().nullish(),
  allowNoCredit: z.boolean().nullish(),
  allowCommercialUse: z.union([z.string(), z.array(z.string())]).nullish(),
  allowDerivatives: z.boolean().nullish(),
  allowDifferentLicense: z.boolean().nullish(),
  modelVersions: z.array(z.object({ id: z.number() })).default([]),
})

export type VersionFile = z.infer<typeof fileSchema>
export type Version = z.infer<typeof versionSchema>
export type Model = z.infer<typeof modelSchema>

/**
 * The version that an address names; of a model alone its newest.
 * @throws Refusal
 */
export async function readVersion(source: CivitaiFile, context: IssuerContext): Promise<Version> {
  const id = source.versionId ?? (await newestVersion(source, context))
  return readApi(`model-versions/${id}`, versionSchema, source, context)
}

/** @throws Refusal */
export const readModel = (modelId: string, source: CivitaiFile, context: IssuerContext): Promise<Model> =>
  readApi(`models/${modelId}`, modelSchema, source, context)

async function newestVersion(source: CivitaiFile, context: IssuerContext): Promise<number> {
  const { modelVersions, mode } = await readModel(source.modelId as string, source, context)
  const [newest] = modelVersions
  if (!newest) throw mode === 'Archived' ? archived(source) : noSuchModel(source)
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
    if (answer.status === 404) throw noSuchModel(source)
    if (answer.status !== 200 || answer.url.pathname === '/login')
      throw await explainCivitai(answer, source, context)
    const parsed = schema.safeParse(readJson(await readText(answer)))
    if (!parsed.success)
      throw new Refusal(
        'network',
        'Civitai’s answer makes no sense. Try again in a while.',
        civitaiPage(source),
      )
    return parsed.data
  } catch (error) {
    throw network.explain(error, answer)
  } finally {
    answer.body.destroy()
  }
}
