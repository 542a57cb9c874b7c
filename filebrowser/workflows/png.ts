import { inflateSync } from 'node:zlib'
import { Refusal } from '../refusal'

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
/** As much as a workflow may be that comes as JSON; of all its texts together. */
const TEXT_MAX = 16 * 1024 * 1024
/** What ComfyUI calls its texts, the more telling first. */
const NAMES = ['workflow', 'prompt']

/**
 * The workflow that ComfyUI writes into its pictures. Other texts are not unpacked, nor is more than 16 MB.
 * @returns parsed JSON
 * @throws Refusal `bad_request` when there is none
 */
export function workflowInPng(picture: Buffer): unknown {
  if (!picture.subarray(0, 8).equals(SIGNATURE)) throw none()
  const packed = packedTexts(picture)
  let left = TEXT_MAX
  for (const name of NAMES) {
    const text = unpack(packed.get(name), left)
    left -= text.length
    const found = parse(text.toString('utf8'))
    if (found !== undefined) return found
  }
  throw none()
}

interface Packed {
  content: Buffer
  isDeflated: boolean
}

/** The first text of each name, as it stands in the picture. */
function packedTexts(picture: Buffer): Map<string, Packed> {
  const texts = new Map<string, Packed>()
  for (let at = 8; at + 12 <= picture.length; ) {
    const length = picture.readUInt32BE(at)
    const type = picture.toString('latin1', at + 4, at + 8)
    const [name, text] = readText(type, picture.subarray(at + 8, at + 8 + length)) ?? []
    if (name && text && NAMES.includes(name) && !texts.has(name)) texts.set(name, text)
    at += 12 + length
  }
  return texts
}

/** `tEXt`, `zTXt` and `iTXt`: the name up to the first NUL, then what the type says. */
function readText(type: string, content: Buffer): [string, Packed] | undefined {
  if (!['tEXt', 'zTXt', 'iTXt'].includes(type)) return undefined
  const end = content.indexOf(0)
  if (end < 1) return undefined
  const name = content.toString('latin1', 0, end)
  const rest = content.subarray(end + 1)
  if (type === 'tEXt') return [name, { content: rest, isDeflated: false }]
  if (type === 'zTXt') return [name, { content: rest.subarray(1), isDeflated: true }]
  const language = rest.indexOf(0, 2)
  const text = rest.subarray(rest.indexOf(0, language + 1) + 1)
  return [name, { content: text, isDeflated: rest[0] === 1 }]
}

/** @returns nothing for what is damaged, or more than may be */
function unpack(packed: Packed | undefined, max: number): Buffer {
  const nothing = Buffer.alloc(0)
  if (!packed || max <= 0) return nothing
  if (!packed.isDeflated) return packed.content.length > max ? nothing : packed.content
  try {
    return inflateSync(packed.content, { maxOutputLength: max })
  } catch {
    return nothing
  }
}

function parse(text: string): unknown {
  try {
    // Python writes NaN, which JSON doesn't have.
    return text ? JSON.parse(text.replace(/:\s*NaN\b/g, ': null')) : undefined
  } catch {
    return undefined
  }
}

const none = () =>
  new Refusal(
    'bad_request',
    'There is no workflow in this picture. Choose one that ComfyUI saved, or the workflow’s own JSON file.',
  )
