import type { IssuerSettings } from '~/providers/issuers'
import { isPlainName, type ModelSource, parseModelUrl } from '~/providers/models/source'
import type { ProviderId } from '~/providers/registry'
import { secretForms } from '~/scrub'
import type { DownloadRequest } from '../contract'
import { resolveFolder } from '../models/folders'
import { Refusal } from '../refusal'
import { resolveExisting, type Workspace } from '../workspace/workspace'
import { addressOf, calledBy } from './address'

/** One file that was asked for, read and found usable. */
export interface Wanted {
  provider: ProviderId | null
  /** Of exactly this file; holds no token. */
  source: string
  called: string
  folder: string | null
  name: string | null
}

export interface WantedDeps {
  workspace: Workspace
  issuers: IssuerSettings
  tokens: Partial<Record<ProviderId, string>>
  /**
   * What an address that is not one of a single file stands for: a repository, a folder.
   * @throws Refusal
   */
  expand?: (source: string, folder: string | undefined) => Promise<Expanded>
}

/** What an address stands for, and what of it can't be had. */
export interface Expanded {
  files: DownloadRequest[]
  refused: RefusedPart[]
}

export interface RefusedPart {
  /** As it was pasted. */
  source: string
  refusal: Refusal
}

/**
 * Reads what somebody asks for; an address may stand for several files.
 * @throws Refusal that says what is wrong with it
 */
export async function readRequest(
  deps: WantedDeps,
  request: DownloadRequest,
): Promise<{ wanted: Wanted[]; refused: RefusedPart[] }> {
  const source = singleFile(deps, request.source)
  if (source) return { wanted: [await check(deps, request, source)], refused: [] }
  const { files, refused } = (await deps.expand?.(request.source, request.folder)) ?? {
    files: [],
    refused: [],
  }
  if (request.name !== undefined && files.length > 1)
    throw new Refusal('bad_request', 'This address stands for several files; leave the name out.')
  const named = request.name === undefined ? files : files.map((file) => ({ ...file, name: request.name }))
  const checked = named.map((file) => check(deps, file, parseModelUrl(file.source, deps.issuers)))
  return { wanted: await Promise.all(checked), refused }
}

/** @returns undefined for what may stand for several files */
function singleFile({ issuers, expand }: WantedDeps, source: string): ModelSource | undefined {
  try {
    return parseModelUrl(source, issuers)
  } catch (error) {
    if (expand && error instanceof Refusal) return undefined
    throw error
  }
}

async function check(
  { workspace, tokens }: WantedDeps,
  { folder, name }: DownloadRequest,
  source: ModelSource,
): Promise<Wanted> {
  const address = addressOf(source)
  if (secretForms(Object.values(tokens)).some((form) => address.includes(form)))
    throw new Refusal('bad_url', 'There is a token in what you pasted. Paste the model’s address alone.')
  const target = folder === undefined ? null : resolveFolder(folder)
  if (target !== null) await requireUsable(workspace, target)
  if (name !== undefined) requireName(name)
  const { provider } = source
  return { provider, source: address, called: calledBy(source), folder: target, name: name ?? null }
}

/** A folder among the models or the input is made when it is needed; any other one has to be there. */
async function requireUsable(workspace: Workspace, folder: string): Promise<void> {
  const isMade = /^(models|input)\//.test(folder)
  await resolveExisting(workspace, folder).catch((error: NodeJS.ErrnoException) => {
    if (!isMade || error.code !== 'ENOENT') throw error
  })
}

function requireName(name: string) {
  if (!isPlainName(name) || /^\.slipway/i.test(name) || Buffer.byteLength(name) > 255)
    throw new Refusal(
      'bad_request',
      'Choose a plain name for the file: at most 255 bytes, without slashes, and not beginning with .slipway.',
    )
}
