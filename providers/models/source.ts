import type { IssuerSettings } from '../issuers'
import { Refusal } from '../refusal'
import { PROVIDERS, type ProviderId } from '../registry'
import { parseAir } from './air'
import { parseCivitai } from './civitai-source'
import { parseWebFile } from './web-source'

/** One file, as an address that somebody pasted names it. `base` is the only host that may see a token. */
export type ModelSource = HubFile | CivitaiFile | WebFile

export interface HubFile {
  kind?: undefined
  provider: 'huggingface'
  base: string
  /** `owner/name`, or `datasets/owner/name`. */
  repo: string
  revision: string
  /** Parts of the file's path, decoded. */
  path: string[]
}

/** A repository as a whole: enough to ask for access, not to download. */
export interface HubRepo {
  provider: 'huggingface'
  base: string
  repo: string
  path?: undefined
}

/** A folder of a repository, or all of it, at one revision. */
export interface HubFolder {
  kind: 'folder'
  provider: 'huggingface'
  base: string
  /** `owner/name`, or `datasets/owner/name`. */
  repo: string
  revision: string
  /** Parts of the folder's path; none is the repository itself. */
  path: string[]
  /** Patterns as `hf download` takes them, on whole paths. */
  include?: string[]
  exclude?: string[]
}

/** A file of a host that the operator allows; no token ever goes there. */
export interface WebFile {
  provider: null
  url: string
}

export interface CivitaiFile {
  provider: 'civitai'
  base: string
  /** One of the two is there; a model without a version means its newest. */
  versionId?: string
  modelId?: string
  /** Which of a version's files: `type`, `format`, `size`, `fp`, `fileId`. */
  choice: Record<string, string>
}

/** What an address names, before it is clear whether that is a single file. */
export interface Place {
  provider: ProviderId
  base: string
  url: URL
  /** Below the base. */
  pathname: string
}

const HUB_HOSTS = ['huggingface.co', 'www.huggingface.co', 'hf.co']
const CIVITAI_HOSTS = ['civitai.com', 'civitai.red']

/**
 * Reads the address of a file on Hugging Face, of a version on Civitai (also as AIR) or of a file of a host that the
 * operator allows. Only what names the file is taken over: a token in an issuer's address is dropped.
 * @throws Refusal `bad_url` or `host_not_allowed`
 */
export function parseModelUrl(pasted: string, issuers: IssuerSettings): ModelSource {
  const text = pasted.trim()
  const air = parseAir(text, issuers)
  if (air) return air
  if (!URL.canParse(text))
    throw new Refusal('bad_url', 'Paste the whole address of a model file, with https:// in front.')
  const url = new URL(text)
  const place = findPlace(url, issuers)
  if (!place) return parseWebFile(url, issuers)
  if (place.provider === 'civitai') return parseCivitai(place)
  const file = parseHubFile(place)
  if (!file)
    throw new Refusal(
      'bad_url',
      'Paste the address of one file: open it on Hugging Face and copy …/blob/… or …/resolve/… from the address bar.',
    )
  return file
}

/** @throws Refusal `host_not_allowed` for what is no issuer's */
export function locate(url: URL, issuers: IssuerSettings): Place {
  const place = findPlace(url, issuers)
  if (place) return place
  const labels = Object.values(PROVIDERS).map(({ label }) => label)
  throw new Refusal(
    'host_not_allowed',
    `Models come from ${labels.join(' or ')}; that address is of another host.`,
  )
}

/** @returns `undefined` for what is no issuer's */
function findPlace(url: URL, issuers: IssuerSettings): Place | undefined {
  const { huggingfaceEndpoint, civitaiEndpoint } = issuers
  const isPublic = url.protocol === 'https:' && !url.port
  const hubPath = hubPathname(url, issuers)
  if (hubPath !== undefined)
    return { provider: 'huggingface', base: huggingfaceEndpoint, url, pathname: hubPath }

  const civitaiHost = url.hostname.replace(/^www\./, '')
  if (isPublic && CIVITAI_HOSTS.includes(civitaiHost))
    return {
      provider: 'civitai',
      base: civitaiEndpoint ?? `https://${civitaiHost}`,
      url,
      pathname: url.pathname,
    }
  const civitaiPath = civitaiEndpoint && pathBelow(url, civitaiEndpoint)
  if (civitaiEndpoint && civitaiPath !== undefined)
    return { provider: 'civitai', base: civitaiEndpoint, url, pathname: civitaiPath }
  return undefined
}

/** The path on Hugging Face that an address names; `undefined` when it is of another host. */
export function hubPathname(url: URL, { huggingfaceEndpoint }: IssuerSettings): string | undefined {
  const isHub = url.protocol === 'https:' && !url.port && HUB_HOSTS.includes(url.hostname)
  return isHub ? url.pathname : pathBelow(url, huggingfaceEndpoint)
}

function pathBelow(url: URL, endpoint: string): string | undefined {
  const base = new URL(endpoint)
  const prefix = base.pathname.replace(/\/$/, '')
  return url.origin === base.origin && url.pathname.startsWith(`${prefix}/`)
    ? url.pathname.slice(prefix.length)
    : undefined
}

const HUB_FILE = /^\/((?:datasets\/|spaces\/)?[\w.-]+(?:\/[\w.-]+)?)\/(?:blob|resolve|raw)\/([^/]+)\/(.+)$/

export function parseHubFile({ pathname, base }: Pick<Place, 'pathname' | 'base'>): HubFile | undefined {
  const [, repo, revision, path] = HUB_FILE.exec(pathname) ?? []
  const parts = decode(path)?.split('/')
  const decoded = decode(revision)
  if (!repo || !decoded || !parts?.every(isPlainName) || !decoded.split('/').every(isPlainName))
    return undefined
  return { provider: 'huggingface', base, repo, revision: decoded, path: parts }
}

function decode(text: string | undefined): string | undefined {
  try {
    return text && decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Whether this may be the name of a file on any system: no part of a path, no control character. */
export function isPlainName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return name !== '' && name !== '.' && name !== '..' && !/[\u0000-\u001f\u007f/\\]/.test(name)
}
