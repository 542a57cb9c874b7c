import { Refusal } from '../refusal'
import { requireDownload, requireFile } from './civitai'
import { civitaiPage, creatorDisabled } from './civitai-answers'
import { type Model, readModel, readVersion, type Version, type VersionFile } from './civitai-api'
import { describeFile, downloadUrls } from './civitai-files'
import { scanNotice, scanRefusal } from './civitai-scan'
import { civitaiAddress } from './civitai-source'
import type { IssuerContext, Offer, OfferedFile } from './issuer'
import type { CivitaiFile } from './source'

/**
 * All files of a version, the one that is meant chosen. Whether they open is tried on that one: Early Access, a key
 * that is wanted and a creator's switch belong to the version.
 * @throws Refusal when not even its files can be named
 */
export async function offerCivitai(asked: CivitaiFile, context: IssuerContext): Promise<Offer> {
  const version = await readVersion(asked, context)
  const modelId = version.modelId ? String(version.modelId) : asked.modelId
  const source = { ...asked, versionId: String(version.id), modelId }
  const chosen = requireFile(version, source)
  const [tried, model] = await Promise.all([
    whyNot(version, chosen, source, context),
    // Only its licence is wanted of it; without one the files are as good.
    modelId ? readModel(modelId, source, context).catch(ignoreRefusal) : undefined,
  ])
  // One file that is missing says nothing of the others.
  const ofOne = tried?.code === 'revision_or_file_missing' ? tried : undefined
  const refusal = ofOne ? undefined : tried
  const notices = version.files.flatMap((file) => scanNotice(file) ?? [])
  return {
    title: [version.model?.name ?? model?.name ?? 'Civitai model', version.name].filter(Boolean).join(' – '),
    page: civitaiPage(source).href,
    licence: model && licenceOf(model),
    gate: refusal ? 'closed' : 'open',
    files: version.files.map((file) => ({
      ...offerFile(version, file, source),
      chosen: file === chosen,
      refusal: refusal ?? scanRefusal(file, source) ?? (file === chosen ? ofOne : undefined),
    })),
    complete: true,
    ...(notices.length > 0 && { notices }),
    ...(refusal && { refusal }),
  }
}

/** Why the file can’t be had. */
async function whyNot(
  version: Version,
  file: VersionFile,
  source: CivitaiFile,
  context: IssuerContext,
): Promise<Refusal | undefined> {
  const { usageControl } = version
  if (usageControl && usageControl !== 'Download') return creatorDisabled(source)
  let last: Refusal | undefined
  for (const url of downloadUrls(source.base, version, file)) {
    last = await requireDownload(url, source, context).then(() => undefined, asRefusal)
    if (last?.code !== 'revision_or_file_missing') return last
  }
  return last
}

function offerFile(version: Version, file: VersionFile, source: CivitaiFile): Omit<OfferedFile, 'chosen'> {
  const { format, size, fp } = file.metadata ?? {}
  const { type } = file
  const choice = file.id === undefined ? { type, format, size, fp } : { fileId: String(file.id) }
  const given = Object.entries(choice).filter((entry): entry is [string, string] => !!entry[1])
  return {
    address: civitaiAddress({ ...source, choice: Object.fromEntries(given) }),
    ...describeFile(version, file),
    detail: [type, size, format, fp, version.baseModel].filter(Boolean).join(', ') || undefined,
  }
}

const USES = new Map([
  ['image', 'selling images'],
  ['rentcivit', 'generating on Civitai'],
  ['rent', 'generating on other services'],
  ['sell', 'selling the model'],
])

/** The permissions that a creator gives, in words; nothing where the API says nothing. */
function licenceOf({ allowNoCredit, allowCommercialUse, ...model }: Model): string | undefined {
  // It comes as a list, as one word, or as a list in one word: `{Image,RentCivit}`.
  const uses = [allowCommercialUse ?? []].flat().flatMap((text) => text.match(/\w+/g) ?? [])
  const named = uses.flatMap((use) => USES.get(use.toLowerCase()) ?? [])
  const words = [
    allowCommercialUse != null &&
      (named.length ? `Commercial use: ${named.join(', ')}` : 'No commercial use'),
    allowNoCredit === false && 'Credit the creator',
    model.allowDerivatives === false && 'No merges to be shared',
    model.allowDifferentLicense === false && 'Merges keep these permissions',
  ]
  return words.filter(Boolean).join('. ') || undefined
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error as Refusal
  throw error
}

function ignoreRefusal(error: unknown): undefined {
  asRefusal(error)
}
