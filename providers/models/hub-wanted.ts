import { Refusal } from '../refusal'
import { type HubFile, type HubFolder, isPlainName } from './source'

/** What a command line, a call or a short address asks for, in its own words. */
export interface Wanted {
  /** `owner/name`, `name`, also with `datasets/` in front or `@revision` behind. */
  repo: string
  type?: string
  revision?: string
  /** Whole paths in the repository; one that ends with `/` is a folder. */
  paths: string[]
  include: string[]
  exclude: string[]
}

const REPO = /^(?:(models|datasets|spaces)\/)?([\w.-]+(?:\/[\w.-]+)?)$/
const PATTERNS_MAX = 100
const PATTERN_LENGTH_MAX = 500

/**
 * Makes a source of it, as `hf download` would understand it: named files count before patterns.
 * @throws Refusal `bad_url` that names what can't be used
 */
export function sourceOf(wanted: Wanted, base: string): HubFile | HubFolder {
  const { repo, revision } = repoOf(wanted)
  const [path, ...more] = wanted.paths
  const whole = { kind: 'folder', provider: 'huggingface', base, repo, revision, path: [] } as const
  if (path !== undefined && more.length === 0 && !/[*?]/.test(path)) {
    const parts = partsOf(path.replace(/\/$/, ''))
    return path.endsWith('/')
      ? { ...whole, path: parts }
      : { provider: 'huggingface', base, repo, revision, path: parts }
  }
  const include = wanted.paths.length > 0 ? wanted.paths.map(literally) : wanted.include
  const exclude = wanted.paths.length > 0 ? [] : wanted.exclude
  const patterns = [...include, ...exclude]
  if (patterns.length > PATTERNS_MAX || patterns.some((each) => each.length > PATTERN_LENGTH_MAX))
    throw new Refusal('bad_url', 'That names too many files at once. Paste the address of their folder.')
  if (!patterns.every(isClean)) throw unreadable('a file name')
  return {
    ...whole,
    path: [],
    ...(include.length > 0 && { include }),
    ...(exclude.length > 0 && { exclude }),
  }
}

function repoOf(wanted: Wanted): { repo: string; revision: string } {
  const [name = '', ...behind] = wanted.repo.split('@')
  const [, prefix, bare] = REPO.exec(name) ?? []
  const revision = wanted.revision ?? (behind.length > 0 ? behind.join('@') : 'main')
  const type = wanted.type ?? prefix ?? 'models'
  if (/^spaces?$/.test(type)) throw isSpace()
  if (!bare?.split('/').every(isPlainName)) throw unreadable('the repository’s name')
  if (!isClean(revision) || !revision.split('/').every(isPlainName)) throw unreadable('the revision')
  if (!/^(models?|datasets?)$/.test(type)) throw unreadable('the kind of repository')
  return { repo: type.startsWith('dataset') ? `datasets/${bare}` : bare, revision }
}

/** @throws Refusal for what is no path inside a repository */
export function partsOf(path: string): string[] {
  const parts = path.split('/')
  if (!parts.every(isPlainName) || !isClean(path)) throw unreadable('the file’s path')
  return parts
}

/** A whole path as a pattern that matches it alone; shells' own signs keep their meaning. */
const literally = (path: string): string => (/[*?]/.test(path) ? path : path.replace(/\[/g, '[[]'))

/** A pattern as a person wrote it. */
export const readable = (pattern: string): string => pattern.replaceAll('[[]', '[')

/** Whether it can stand in an address: half of a character can't, nor can what a terminal obeys. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const isClean = (text: string) => text !== '' && !/[\u0000-\u001f\u007f]|\p{Surrogate}/u.test(text)

const unreadable = (what: string) =>
  new Refusal('bad_url', `Hugging Face has no such thing as ${what} in what you pasted. Check it there.`)

export const isSpace = () =>
  new Refusal(
    'bad_url',
    'That is a Space, a program and not a model. Paste the model that it uses: its page names it.',
  )
