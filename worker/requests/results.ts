import { join } from 'node:path'
import { addAbortSignal } from 'node:stream'
import { scrub } from '../../scrub'
import type { ModelDefinition } from '../../workflows/definition'
import type { ComfyUi, NodeOutput, OutputFile } from '../comfyui/comfyui'
import type { WorkerDeps } from '../deps'
import { type TokenOpener, tokenOpener } from '../open-tokens'
import { type SecretSearch, secretSearches } from '../runtimes/workspaces/secret-search'
import { isDiskFull } from '../saves/save-errors'
import { servedAs } from './media'
import { plainName, uniqueName } from './plain-name'
import { RequestError } from './request-error'
import { writeResults } from './result-folder'
import { roomFor } from './result-room'
import { openSecrets } from './result-secrets'
import { ResultTexts } from './result-texts'
import { storeResult } from './store-result'

const FILES_MAX = 200

export interface NewResultFile {
  position: number
  output: string
  name: string
  mediaType: string
  bytes: number
}

export interface Results {
  files: NewResultFile[]
  /** By the name of the output. */
  texts: Record<string, string[]>
}

interface Work {
  comfyui: Pick<ComfyUi, 'open'>
  begin: (() => SecretSearch) | undefined
  texts: ResultTexts
  signal: AbortSignal
}

/**
 * Brings what came out of a request from ComfyUI to `resultFolder`. What holds one of the caller's tokens is left
 * out, and a text of the same output says so. Nothing is left behind when it fails.
 * @param outputs by node
 * @throws RequestError `no_output`, `result_too_large`, `disk_full`; `internal` when a token can't be opened
 */
export async function fetchResults(
  deps: WorkerDeps,
  comfyui: Pick<ComfyUi, 'open'>,
  request: { id: string; userId: string },
  { outputs: marked }: Pick<ModelDefinition, 'outputs'>,
  outputs: ReadonlyMap<string, NodeOutput>,
  { stillMine, signal }: { stillMine(): boolean; signal: AbortSignal },
): Promise<Results> {
  const opener = tokenOpener(deps, 'results')
  try {
    const begin = secretSearches(openSecrets(deps, opener, request.userId))
    const texts = new ResultTexts((text) => begin?.().look(Buffer.from(text)))
    const found = marked.flatMap(({ name, node }) => {
      const { files = [], texts: said = [] } = outputs.get(node) ?? {}
      for (const text of said) texts.add(name, text)
      return files.map((file) => ({ output: name, file }))
    })
    if (found.length > FILES_MAX)
      throw new RequestError(
        'result_too_large',
        `${found.length} files came out.`,
        `${found.length} files came out; this server keeps ${FILES_MAX} of a request.`,
      )
    if (!found.length && texts.isEmpty) throw new RequestError('no_output', 'No marked node gave anything.')
    const of = { userId: request.userId, requestId: request.id }
    const write = (folder: string) => fetchFiles(deps, { comfyui, begin, texts, signal }, found, folder)
    const files = await writeResults(deps.dataDir, of, stillMine, write)
    return { files, texts: texts.all() }
  } catch (error) {
    signal.throwIfAborted()
    throw asRequestError(error, opener)
  } finally {
    opener.letGo()
  }
}

async function fetchFiles(
  deps: WorkerDeps,
  { comfyui, begin, texts, signal }: Work,
  found: { output: string; file: OutputFile }[],
  folder: string,
): Promise<NewResultFile[]> {
  const room = roomFor(deps, folder)
  const taken = new Set<string>()
  const files: NewResultFile[] = []
  const refused: { output: string; why: string }[] = []
  for (const { output, file } of found) {
    signal.throwIfAborted()
    const named = begin?.().look(Buffer.from(file.filename))
    if (named) {
      texts.note(output, `A file that holds your ${named} token in its name was left out.`)
      continue
    }
    const name = plainName(file.filename)
    const position = files.length
    const opened = await comfyui.open(file, room.left(), signal).catch(refusalOf)
    if (opened instanceof RequestError) {
      refused.push({ output, why: `${name} was left out: ComfyUI does not give it. ${opened.detail}` })
      continue
    }
    const content = addAbortSignal(signal, opened)
    const stored = await storeResult(join(folder, String(position)), content, room, begin?.())
    if ('held' in stored) texts.note(output, `${name} holds your ${stored.held} token and was left out.`)
    else {
      const mediaType = servedAs(name, stored.head)
      files.push({ position, output, name: uniqueName(name, taken), mediaType, bytes: stored.bytes })
    }
  }
  const [first] = refused
  if (first && !files.length && texts.isEmpty) {
    const more = refused.length > 1 ? ` (and ${refused.length - 1} more)` : ''
    throw new RequestError(
      'no_output',
      first.why,
      `ComfyUI finished, but nothing came out: ${first.why}${more}`,
    )
  }
  for (const { output, why } of refused) texts.note(output, why)
  return files
}

/** @returns the refusal of a file that asking again would not bring; throws anything else */
function refusalOf(error: unknown): RequestError {
  if (error instanceof RequestError && error.errorClass === 'no_output') return error
  throw error
}

/** With nothing in it that its log lines and the caller must not see: the tokens are let go when it is thrown. */
function asRequestError(error: unknown, { secrets }: TokenOpener): unknown {
  if (error instanceof RequestError)
    return new RequestError(error.errorClass, scrub(error.detail, secrets), scrub(error.said, secrets))
  return isDiskFull(error) ? new RequestError('disk_full', String(error)) : error
}
