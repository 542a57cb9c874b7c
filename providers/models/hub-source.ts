import type { IssuerSettings } from '../issuers'
import { Refusal } from '../refusal'
import { PROVIDERS } from '../registry'
import { readHubCall } from './hub-call'
import { readHubCommand } from './hub-command'
import { isSpace, partsOf, sourceOf } from './hub-wanted'
import { type HubFile, type HubFolder, hubPathname, isPlainName, parseHubFile } from './source'

const HOST = /^(?:https?:\/\/)?(?=(?:www\.)?(?:huggingface\.co|hf\.co)(?:[/?#]|$))/i
const SLASHED_REVISION = /(\/(?:tree|blob|resolve|raw)\/)refs\/(pr|convert)\/([^/]+)/
const FOLDER =
  /^\/((?:datasets\/)?[\w.-]+(?:\/[\w.-]+)?)\/(?:tree|revision|commits?)\/([^/]+)(?:\/(.+?))?\/?$/
const REPOSITORY = /^\/((?:datasets\/)?[\w.-]+(?:\/[\w.-]+)?)(?:\/(?:discussions(?:\/.*)?|tree))?\/?$/
/** What stands where an owner would, and is none. */
const PAGES =
  /^\/(?:api|blog|brand|buckets|chat|collections|datasets\/?$|docs|enterprise|join|kernels|learn|login|models|new|organizations|papers|posts|pricing|search|settings|storage|support|tasks)(?:\/|$)/
/** `owner/name@revision/path`; hosts have a dot where owners have none. */
const SHORT =
  /^(hf:\/\/)?((?:(?:models|datasets|spaces)\/)?[\w.-]+\/[\w.-]+)(?:@(refs\/(?:pr|convert)\/[^/]+|[^/]+))?(?:\/(.*))?$/
const TOKEN = new RegExp(`(?:${PROVIDERS.huggingface.prefixes.join('|')})[A-Za-z0-9]{20,}`)

/**
 * Reads whatever names a file, a folder or a repository on Hugging Face: addresses, `hf://…`, `owner/name`, copied
 * commands and Python calls. Only what names it is taken over: a token beside it is dropped.
 * @returns `undefined` for what is not Hugging Face's at all
 * @throws Refusal `bad_url`, with the cure, for what is but can't be downloaded
 */
export function readHubSource(text: string, issuers: IssuerSettings): HubFile | HubFolder | undefined {
  const source = read(text.trim(), issuers)
  if (source && namesOf(source).some((name) => TOKEN.test(name)))
    throw new Refusal('bad_url', 'There is a token in what you pasted. Paste the model’s address alone.')
  return source
}

function read(text: string, issuers: IssuerSettings): HubFile | HubFolder | undefined {
  const base = issuers.huggingfaceEndpoint
  const url = text.replace(HOST, 'https://')
  if (/^https?:/i.test(url)) {
    const pathname = URL.canParse(url) ? hubPathname(new URL(url), issuers) : undefined
    return pathname === undefined ? undefined : readPath(pathname, base)
  }
  const wanted = readHubCommand(text) ?? readHubCall(text)
  return wanted ? sourceOf(wanted, base) : readShort(text, base)
}

function readPath(given: string, base: string): HubFile | HubFolder {
  const pathname = given
    .replace(/^\/api\/(?:models|(datasets))\//, (_, datasets) => (datasets ? '/datasets/' : '/'))
    .replace(SLASHED_REVISION, (_, kind, ...parts) => `${kind}${['refs', ...parts.slice(0, 2)].join('%2F')}`)
  if (/^\/(?:api\/)?spaces(?:\/|$)/.test(pathname)) throw isSpace()
  const file = parseHubFile({ pathname, base })
  if (file) return file
  const [, repo, revision, path] = PAGES.test(pathname)
    ? []
    : (FOLDER.exec(pathname) ?? REPOSITORY.exec(pathname) ?? [])
  const parts = path === undefined ? [] : namesIn(path)
  const decoded = namesIn(revision ?? 'main')?.join('/')
  if (!repo?.split('/').every(isPlainName) || !parts || !decoded)
    throw new Refusal(
      'bad_url',
      'Paste owner/name, or the address of a repository, a folder or a file on Hugging Face.',
    )
  return { kind: 'folder', provider: 'huggingface', base, repo, revision: decoded, path: parts }
}

/** The decoded parts of a path; `undefined` when one of them is no name. */
function namesIn(path: string): string[] | undefined {
  try {
    const names = decodeURIComponent(path).split('/')
    return names.every(isPlainName) ? names : undefined
  } catch {
    return undefined
  }
}

function readShort(text: string, base: string): HubFile | HubFolder | undefined {
  const [, scheme, repo, revision, path] = SHORT.exec(text) ?? []
  if (!repo) {
    if (!/^hf:/i.test(text)) return undefined
    throw new Refusal('bad_url', 'Write it as hf://owner/name/path, or hf://datasets/owner/name/path.')
  }
  // Without the scheme it may be anything: what holds a blank, a host or one of the site's own pages is no repository.
  if (!scheme && (/\s/.test(text) || /^[^/]*\./.test(repo) || PAGES.test(`/${repo}`))) return undefined
  const decoded = revision && (namesIn(revision)?.join('/') ?? revision)
  const isFolder = !path || path.endsWith('/') || !/\.[A-Za-z0-9]{1,12}$/.test(path)
  const source = sourceOf({ repo, revision: decoded, paths: [], include: [], exclude: [] }, base)
  const parts = path ? partsOf(path.replace(/\/$/, '')) : []
  if (isFolder) return { ...source, kind: 'folder', path: parts }
  return { provider: 'huggingface', base, repo: source.repo, revision: source.revision, path: parts }
}

const namesOf = ({ repo, revision, path, ...source }: HubFile | HubFolder): string[] => [
  ...repo.split('/'),
  revision,
  ...path,
  ...(source.kind === 'folder' ? [...(source.include ?? []), ...(source.exclude ?? [])] : []),
]
