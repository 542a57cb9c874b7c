import { isPlainName } from '~/providers/models/source'
import { folderLoadedFrom, MODEL_FILE } from '~/workflows/model-files'
import { resolveFolder } from '../models/folders'
import { proposeFolder } from '../models/propose-folder'
import { isObject, nodesOf, type WorkflowNode } from './nodes'

/** A model that a workflow names. */
export interface Mention {
  /** With `/` where it is in a folder of its own. */
  name: string
  /** From the workspace on, such as `models/loras`. */
  folder: string
  /** Whether the workflow says the folder, or it is only guessed from the name. */
  isSure: boolean
  url?: string
  sha256?: string
}

const MENTIONS_MAX = 500
const DEPTH_MAX = 8
const TEXT_MAX = 300
/** Of what may hold addresses, as long as it is no novel. */
const LINKS_TEXT_MAX = 1_000_000
const EMBEDDING = /\bembedding:([\w./\\-]*\w)/gi
const LINK =
  /https?:\/\/[^\s"'<>()[\]\\]{1,2000}?\.(?:safetensors|sft|ckpt|pt2?|pth|bin|gguf|onnx)(?:\?[^\s"'<>()[\]\\]*)?/gi

/**
 * The models that a workflow names, each once.
 * @param file parsed JSON
 * @throws Refusal `bad_request` for what is no workflow
 */
export function mentionsIn(file: unknown): { mentions: Mention[]; complete: boolean } {
  const nodes = nodesOf(file)
  const links = linksIn(nodes)
  const all = nodes.flatMap((node) => mentionsOf(node))
  const known = new Map<string, Mention>()
  for (const mention of all) {
    const same = known.get(mention.name)
    const url = mention.url ?? same?.url ?? links.get(baseName(mention.name))
    const sha256 = mention.sha256 ?? same?.sha256
    const { folder, isSure } = same?.isSure ? same : mention
    known.set(mention.name, { ...mention, folder, isSure, ...(url && { url }), ...(sha256 && { sha256 }) })
  }
  const mentions = [...known.values()]
  return { mentions: mentions.slice(0, MENTIONS_MAX), complete: mentions.length <= MENTIONS_MAX }
}

function mentionsOf({ nodeClass, values, models }: WorkflowNode): Mention[] {
  const set = textsIn(values)
  const named = set.flatMap(({ input, text }) => {
    const name = MODEL_FILE.test(text) ? nameIn(text) : undefined
    return name ? [inFolder(name, folderLoadedFrom(nodeClass, input))] : []
  })
  const embeddings = set.flatMap(({ text }) =>
    [...text.matchAll(EMBEDDING)].flatMap(([, given = '']) => {
      const name = nameIn(given)
      return name ? [inFolder(name, 'embeddings')] : []
    }),
  )
  // What an author once noted is out of date where the node now loads something else.
  const noted = models.flatMap(readNote).flatMap((note) => {
    const set = named.find(({ name }) => isCalled(name, note.name))
    if (set) return [{ ...note, name: set.name }]
    return named.length > 0 ? [] : [note]
  })
  return [...named, ...embeddings, ...noted]
}

const isCalled = (name: string, noted: string) => name === noted || baseName(name) === baseName(noted)

/** `properties.models[]`: `{name, url, directory, hash, hash_type}`. */
function readNote(note: unknown): Mention[] {
  if (!isObject(note)) return []
  const { name: given, url, directory, hash, hash_type } = note
  const name = typeof given === 'string' ? nameIn(given) : undefined
  if (!name) return []
  const isSha256 = typeof hash === 'string' && /^[0-9a-f]{64}$/i.test(hash)
  return [
    {
      ...inFolder(name, typeof directory === 'string' ? directory : undefined),
      ...(typeof url === 'string' && url.length <= 2000 && { url }),
      ...(isSha256 && /^sha-?256$/i.test(String(hash_type ?? 'sha256')) && { sha256: hash.toLowerCase() }),
    },
  ]
}

/** @param directory below `models`, if anybody says */
function inFolder(name: string, directory: string | undefined): Mention {
  const folder = directory?.trim() ? readFolder(directory) : undefined
  return { name, folder: folder ?? proposeFolder({ types: [], names: [name] }), isSure: folder !== undefined }
}

function readFolder(directory: string): string | undefined {
  try {
    const folder = resolveFolder(`models/${directory.trim().replace(/^(\.?\/)?(ComfyUI\/)?models\//i, '')}`)
    return folder === 'models' ? undefined : folder
  } catch {
    return undefined
  }
}

/** A name as a node holds it, which may begin with folders and come from Windows. */
function nameIn(text: string): string | undefined {
  const parts = text.replaceAll('\\', '/').split('/')
  return text.length <= TEXT_MAX && parts.length <= 10 && parts.every(isUsable) ? parts.join('/') : undefined
}

const isUsable = (part: string) => isPlainName(part) && !/^\.slipway|[:*?"<>|]/i.test(part)
const baseName = (name: string) => name.split('/').at(-1) ?? ''

/** Addresses in notes and texts, by the name of the file that they lead to. */
function linksIn(nodes: WorkflowNode[]): Map<string, string> {
  const texts = nodes.flatMap(({ values }) => textsIn(values).map(({ text }) => text))
  const read = texts
    .filter((text) => text.includes('://'))
    .join('\n')
    .slice(0, LINKS_TEXT_MAX)
  const links = (read.match(LINK) ?? []).filter((link) => URL.canParse(link))
  return new Map(links.map((link) => [decode(baseName(new URL(link).pathname)), link]))
}

/** Every text that is set in a node, with the name of its input where it has one. */
function textsIn(value: unknown, input = '', depth = 0): { input: string; text: string }[] {
  if (typeof value === 'string') return [{ input, text: value }]
  if (depth > DEPTH_MAX || typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((each) => textsIn(each, input, depth + 1))
  return Object.entries(value).flatMap(([name, each]) => textsIn(each, name, depth + 1))
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
