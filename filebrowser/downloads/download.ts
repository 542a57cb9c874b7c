import { createHash } from 'node:crypto'
import type { ModelFile } from '~/providers/models/issuer'
import { issuerOf } from '~/providers/models/issuers'
import type { ModelSource } from '~/providers/models/source'
import { SESSION_VOICE } from '~/providers/models/voice'
import type { Answer, Network } from '~/providers/network/network'
import type { ProviderId } from '~/providers/registry'
import { folderOf } from '../models/folder-of'
import { Refusal, toRefusal } from '../refusal'
import { ensureFolder, locate, requireFree, type Workspace } from '../workspace/workspace'
import { type FreeBytes, requireRoom, writeWhole } from '../workspace/write-whole'

export interface DownloadDeps {
  workspace: Workspace
  network: Network
  tokens: Partial<Record<ProviderId, string>>
  freeBytes: FreeBytes
}

export interface Progress {
  onFile(file: ModelFile, folder: string): void
  /** The first byte is about to come. @param size bytes, if anybody said */
  onStart(size: number | undefined): void
  onBytes(received: number): void
}

/**
 * Fetches one file into the workspace, whole and checked or not at all.
 * @param folder relative to the workspace; `undefined` takes the one that the source proposes
 * @throws Refusal that says why not
 */
export async function download(
  { workspace, network, tokens, freeBytes }: DownloadDeps,
  source: ModelSource,
  folder: string | undefined,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const issuer = issuerOf(source)
  const token = source.provider ? tokens[source.provider] : undefined
  const context = { network, token, voice: SESSION_VOICE, signal }
  const file = await issuer.inspect(source, context)
  const proposed = folderOf(source, file)
  if (folder === undefined) await ensureFolder(workspace, proposed)
  const target = await locate(workspace, [folder ?? proposed, file.name].filter(Boolean).join('/'))
  progress.onFile(file, folder ?? proposed)
  await requireFree(target, 'file_exists')
  const room = await freeBytes(target)
  if (file.size !== undefined) requireRoom(file.size, room)

  const { provider } = source
  const answer = await network.open({ method: 'GET', url: file.url, provider, token, follow: 'all', signal })
  try {
    if (answer.status !== 200 || isPage(answer, file)) throw await issuer.explain(answer, source, context)
    const size = checkLength(answer, file)
    progress.onStart(size)
    const inspect = checkBytes(file, size ?? room, progress)
    await writeWhole(workspace, target, answer.body, { signal, inspect })
  } catch (error) {
    throw toRefusal(error) ?? network.explain(error, answer)
  } finally {
    answer.body.destroy()
  }
}

function isPage(answer: Answer, file: ModelFile): boolean {
  const type = answer.header('content-type') ?? ''
  // An error told as JSON, with status 200, where nothing could show that it is not the model.
  const isJson = /^application\/json/i.test(type) && !file.sha256 && !/\.json$/i.test(file.name)
  return /^text\/html/i.test(type) || isJson
}

/** @returns bytes to expect: what the storage announces, when that agrees with the issuer */
function checkLength(answer: Answer, file: ModelFile): number | undefined {
  const given = answer.header('content-length')
  const announced = given === undefined ? undefined : Number(given)
  if (announced !== undefined && differs(announced, file)) throw wrongSize(announced, file)
  return announced ?? (file.size === undefined ? undefined : file.size + file.sizeTolerance)
}

function checkBytes(file: ModelFile, limit: number, progress: Progress) {
  return async function* (chunks: AsyncIterable<Buffer>) {
    const hash = createHash('sha256')
    let received = 0
    for await (const chunk of chunks) {
      received += chunk.length
      if (received > limit) throw file.size === undefined ? endless() : wrongSize(received, file)
      hash.update(chunk)
      progress.onBytes(received)
      yield chunk
    }
    if (differs(received, file)) throw wrongSize(received, file)
    if (file.sha256 && hash.digest('hex') !== file.sha256)
      throw new Refusal(
        'hash_mismatch',
        'What arrived is not the file that the issuer promised (its SHA-256 differs). It was thrown away; try again.',
      )
  }
}

const differs = (bytes: number, { size, sizeTolerance }: ModelFile) =>
  size !== undefined && Math.abs(bytes - size) > sizeTolerance

const wrongSize = (bytes: number, { size }: ModelFile) =>
  new Refusal(
    'size_mismatch',
    `The file should have ${size} bytes and came with ${bytes}. It was thrown away; try again.`,
  )
const endless = () =>
  new Refusal('disk_full', 'The file is larger than the disk has room for. Delete something first.')
