import type { IssuerSettings } from '~/providers/issuers'
import { civitaiPage } from '~/providers/models/civitai-answers'
import { civitaiAddress } from '~/providers/models/civitai-source'
import { hubPage } from '~/providers/models/hub-address'
import { readHubSource } from '~/providers/models/hub-source'
import { type HubFolder, type ModelSource, parseModelUrl } from '~/providers/models/source'
import { Refusal } from '../refusal'
import { holdsCall, pastedLines } from './pasted-lines'

/** What can be laid open: a file, a version, a folder or a repository. */
export type Source = ModelSource | HubFolder

const LINES_MAX = 100
const CIVITAI = /^(?:urn:|air:|civitai:)|^(?:https?:\/\/)?(?:www\.)?civitai\.(?:com|red)(?:[/?#]|$)/i
/** A command may stand behind others, settings or the sign of a prompt or a notebook. */
const COMMAND =
  /^(?:[$>!%]\s*)?(?:hf|huggingface-cli)(?:\.exe)?\s|(?:^|[\s!$;&|/])(?:hf|huggingface-cli)(?:\.exe)?\s+download\b/

/**
 * Takes apart what somebody pasted: commands and calls each as a whole, of addresses also several a line.
 * @throws Refusal `bad_request`
 */
export function splitPasted(text: string): string[] {
  const isWhole = (piece: string) => holdsCall(piece) || COMMAND.test(piece)
  const pasted = pastedLines(text).flatMap((piece) => (isWhole(piece) ? [piece] : piece.split(/\s+/)))
  const given = [...new Set(pasted)]
  if (given.length === 0) throw new Refusal('bad_request', 'Paste the address of a model.')
  if (given.length > LINES_MAX)
    throw new Refusal('bad_request', `At most ${LINES_MAX} addresses are read at once. Paste fewer.`)
  return given
}

/**
 * Reads whatever names something to download, of any of the sources.
 * @throws Refusal `bad_url` or `host_not_allowed`, with the cure
 */
export function readSource(pasted: string, issuers: IssuerSettings): Source {
  const text = pasted.trim()
  if (CIVITAI.test(text)) return parseModelUrl(text.replace(/^(?=(?:www\.)?civitai\.)/i, 'https://'), issuers)
  const hub = readHubSource(text, issuers)
  if (hub) return hub
  if (URL.canParse(text)) return parseModelUrl(text, issuers)
  throw new Refusal(
    'bad_url',
    'Paste the address of a model, owner/name on Hugging Face, an hf download command, or civitai:123@456.',
  )
}

/** What a person calls it before anybody was asked. */
export function titleOf(source: Source): string {
  if (source.provider === null) return new URL(source.url).pathname.split('/').at(-1) || source.url
  if (source.provider === 'huggingface') return [source.repo, ...source.path].join('/')
  return civitaiAddress(source).replace('https://', '')
}

export function pageOf(source: Source): string {
  if (source.provider === null) return source.url
  return source.provider === 'huggingface' ? hubPage(source) : civitaiPage(source).href
}
