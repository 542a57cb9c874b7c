import { inflateSync } from 'node:zlib'
import { Refusal } from '../refusal'

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
const TEXT_MAX = 32 * 1024 * 1024

/**
 * The workflow that ComfyUI writes into its pictures.
 * @returns parsed JSON
 * @throws Refusal `bad_request` when there is none
 */
export function workflowInPng(picture: Buffer): unknown {
  if (!picture.subarray(0, 8).equals(SIGNATURE)) throw none()
  const texts = new Map<string, string>()
  for (let at = 8; at + 12 <= picture.length; ) {
    const length = picture.readUInt32BE(at)
    const type = picture.toString('latin1', at + 4, at + 8)
    const content = picture.subarray(at + 8, at + 8 + length)
    const text = readText(type, content)
    if (text) texts.set(...text)
    at += 12 + length
  }
  for (const name of ['workflow', 'prompt']) {
    const found = parse(texts.get(name))
    if (found !== undefined) return found
  }
  throw none()
}

/** `tEXt`, `zTXt` and `iTXt`: the name up to the first NUL, then what the type says. */
function readText(type: string, content: Buffer): [string, string] | undefined {
  const end = content.indexOf(0)
  if (end < 1) return undefined
  const name = content.toString('latin1', 0, end)
  const rest = content.subarray(end + 1)
  if (type === 'tEXt') return [name, rest.toString('utf8')]
  if (type === 'zTXt') return [name, inflate(rest.subarray(1))]
  if (type !== 'iTXt') return undefined
  const language = rest.indexOf(0, 2)
  const text = rest.subarray(rest.indexOf(0, language + 1) + 1)
  return [name, rest[0] === 1 ? inflate(text) : text.toString('utf8')]
}

function inflate(content: Buffer): string {
  try {
    return inflateSync(content, { maxOutputLength: TEXT_MAX }).toString('utf8')
  } catch {
    return ''
  }
}

function parse(text: string | undefined): unknown {
  try {
    // Python writes NaN, which JSON doesn't have.
    return text && JSON.parse(text.replace(/:\s*NaN\b/g, ': null'))
  } catch {
    return undefined
  }
}

const none = () =>
  new Refusal(
    'bad_request',
    'There is no workflow in this picture. Choose one that ComfyUI saved, or the workflow’s own JSON file.',
  )
