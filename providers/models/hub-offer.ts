import * as z from 'zod'
import { Refusal } from '../refusal'
import { hubFileAddress, hubPage } from './hub-address'
import { askHub } from './hub-api'
import { chooseFiles, unmatched } from './hub-choice'
import { listLink, takenDown } from './hub-refusals'
import { listTree, type TreeFile } from './hub-tree'
import { readable } from './hub-wanted'
import { huggingface } from './huggingface'
import type { IssuerContext, Offer, OfferedFile } from './issuer'
import type { HubFile, HubFolder } from './source'

const words = z.union([z.string(), z.array(z.string())]).nullish()
const repoSchema = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/i),
  gated: z.union([z.boolean(), z.string()]).nullish(),
  private: z.boolean().nullish(),
  disabled: z.boolean().nullish(),
  tags: z.array(z.string()).nullish(),
  cardData: z.object({ license: words, license_name: words }).nullish().catch(undefined),
})
/** Asked for by name: else every file of the repository is listed as well, which can be many megabytes. */
const EXPANDED = Object.keys(repoSchema.shape).map((name) => `expand[]=${name}`)
type RepoInfo = z.infer<typeof repoSchema>

type Source = HubFile | HubFolder
type Found = Pick<Offer, 'files' | 'complete' | 'refusal' | 'missing'>

/**
 * Lays open a file, a folder or a repository, pinned to the commit that it is at now. Files that the session may not
 * have are listed too, each with the reason.
 * @throws Refusal, with a link, when not even a list can be had
 */
export async function offerHub(source: Source, context: IssuerContext): Promise<Offer> {
  const revision = `/revision/${encodeURIComponent(source.revision)}?${EXPANDED.join('&')}`
  const { value: info } = await askHub(source, revision, repoSchema, context)
  if (info.disabled) throw takenDown(source)
  const pinned = { ...source, revision: info.sha.toLowerCase() }
  const found = await find(pinned, !!info.gated || !!info.private, context)
  return {
    title: [source.repo, ...source.path].join('/'),
    page: hubPage(source),
    licence: licenceOf(info),
    gate: found.refusal ? 'closed' : info.gated ? 'accepted' : 'open',
    ...found,
  }
}

/** A path need not say whether it is a file or a folder: what is not there as the one may be there as the other. */
async function find(pinned: Source, isGuarded: boolean, context: IssuerContext): Promise<Found> {
  const asFolder = () => findFolder({ ...pinned, kind: 'folder' }, isGuarded, context)
  const asFile = () => findFile({ ...pinned, kind: undefined }, context)
  const [likely, other] = pinned.kind ? [asFolder, asFile] : [asFile, asFolder]
  try {
    return await likely()
  } catch (error) {
    if (!isMissing(error) || pinned.path.length === 0) throw error
    return await other().catch((second) => Promise.reject(isMissing(second) ? error : second))
  }
}

const isMissing = (error: unknown) => error instanceof Refusal && error.code === 'revision_or_file_missing'

async function findFolder(folder: HubFolder, isGuarded: boolean, context: IssuerContext): Promise<Found> {
  const { files, complete } = await listTree(folder, context)
  const chosen = chooseFiles(files, folder)
  const sample = [...chosen].at(0)
  if (!sample && (folder.path.length > 0 || complete)) throw nothingThere(folder, files.length === 0)
  // The list is shown to everybody; only a file tells whether it would come.
  const refusal =
    isGuarded && sample ? await gateOf({ ...folder, kind: undefined, path: sample.path }, context) : undefined
  const offered = files.map((file) => offer(file, folder, chosen.has(file), refusal))
  const missing = unmatched(files, folder).map((name) => ({ name, refusal: noMatch(name, complete, folder) }))
  return { files: offered, complete, missing, ...(refusal && { refusal }) }
}

const nothingThere = (folder: HubFolder, isEmpty: boolean) =>
  new Refusal(
    'revision_or_file_missing',
    isEmpty
      ? 'There is nothing there: no file is in it. Look it up in the repository’s list of files.'
      : `The repository has no file there${folder.include ? ` that matches “${folder.include.map(readable).join(' ')}”` : ''}. Look it up in its list of files.`,
    listLink(folder),
  )

const noMatch = (name: string, complete: boolean, folder: HubFolder) =>
  new Refusal(
    'revision_or_file_missing',
    `${complete ? 'The repository has no file' : 'Among the files of the repository that were listed there is none'} that matches “${name}”. Look it up in its list of files.`,
    listLink(folder),
  )

async function findFile(file: HubFile, context: IssuerContext): Promise<Found> {
  const { path } = file
  const inspected = await huggingface.inspect(file, context).catch(asGate)
  const refusal = inspected instanceof Refusal ? inspected : undefined
  const known = inspected instanceof Refusal ? undefined : inspected
  const found = { path, size: known?.size, sha256: known?.sha256 }
  return { files: [offer(found, file, true, refusal)], complete: true, ...(refusal && { refusal }) }
}

const gateOf = (file: HubFile, context: IssuerContext): Promise<Refusal | undefined> =>
  huggingface.inspect(file, context).then(() => undefined, asGate)

const GATE_CODES = ['token_missing', 'terms_not_accepted', 'token_lacks_gated_read']

/** What a gate says is part of the offer; anything else that goes wrong is not. */
function asGate(error: unknown): Refusal {
  if (error instanceof Refusal && GATE_CODES.includes(error.code)) return error as Refusal
  throw error
}

function offer(found: TreeFile, source: Source, chosen: boolean, refusal: Refusal | undefined): OfferedFile {
  const { path, size, sha256 } = found
  return {
    address: hubFileAddress({ ...source, path }),
    name: path.at(-1) as string,
    ...(path.length > 1 && { detail: path.join('/') }),
    types: [],
    size,
    sizeTolerance: 0,
    sha256,
    chosen,
    ...(refusal && { refusal }),
  }
}

function licenceOf({ cardData, tags }: RepoInfo): string | undefined {
  const tagged = tags?.find((tag) => tag.startsWith('license:'))?.slice('license:'.length)
  const licence = [cardData?.license ?? tagged ?? []].flat().join(', ')
  const name = [cardData?.license_name ?? []].flat().join(', ')
  return (licence === 'other' && name) || licence || undefined
}
