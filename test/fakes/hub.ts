import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ApiFault, answerOddly, json } from './api-answers'
import { commitOf, factsOf, type HubFacts, type HubRepo } from './hub-content'
import { keepOut, refuse, turnAway } from './hub-gate'
import { sendAway, sendPlain } from './hub-resolve'
import { answerTree, type TreeFault } from './hub-tree'
import { startXet, type XetFault } from './hub-xet'
import { listen } from './listen'
import { type StorageFault, startStorage } from './storage'

interface HubOptions {
  /** Tokens that the Hub knows. */
  tokens?: string[]
  /** Those of them that are fine-grained without the box for gated repositories. */
  withoutGatedRead?: string[]
  /** What `whoami-v2` says of a token besides its name, as the real one does under `auth.accessToken`. */
  accounts?: Record<string, object>
  /** By `owner/name` or `datasets/owner/name`; a test may change them as it goes. */
  repos: Record<string, HubRepo>
  /** Entries on a page of a list of files. */
  pageSize?: number
}

/** What the Hub does beside what it should: a status for every request, or where it redirects to. */
export type HubFault =
  | StorageFault
  | { status: number; headers?: Record<string, string> }
  | { redirectTo: string }

/**
 * A stand-in for huggingface.co that answers as the real one does, with its storage on a second host and its chunks on
 * a third. The branch `main` and the pull request 1 are at the repository's commit.
 */
export async function startFakeHub(options: HubOptions) {
  const { tokens = [], withoutGatedRead = [], accounts = {}, repos, pageSize = 1000 } = options
  const storage = await startStorage()
  const xet = await startXet()
  const requests: {
    method: string
    url: string
    authorization: string | undefined
    userAgent: string | undefined
  }[] = []
  let fault: HubFault | undefined
  let apiFault: ApiFault | undefined
  let treeFault: TreeFault | undefined

  const server = await listen((request, response) => {
    const { authorization } = request.headers
    const userAgent = request.headers['user-agent']
    requests.push({ method: request.method ?? '', url: request.url ?? '', authorization, userAgent })
    if (apiFault && request.url?.startsWith('/api/')) return answerOddly(response, apiFault)
    if (typeof fault === 'object' && 'status' in fault)
      return void response.writeHead(fault.status, fault.headers).end()
    answer(request, response, authorization?.replace(/^Bearer /, ''))
  })

  function answer(request: IncomingMessage, response: ServerResponse, token: string | undefined) {
    if (token !== undefined && !tokens.includes(token))
      return void refuse(response, 401, '', 'Invalid credentials in Authorization header')
    if (request.url === '/api/whoami-v2') return whoAmI(response, token)
    const visitor = { token, lacksGatedRead: token !== undefined && withoutGatedRead.includes(token) }
    const { kind, name, revision, path } = asked(request.url ?? '')
    const repo = repos[name]
    if (turnAway(response, repo, visitor) || !repo) return
    // What the repository is, and mostly its list too, is shown to everybody.
    const isOpen = kind === 'revision' || (kind === 'tree' && !repo.hidesList)
    if (!isOpen && keepOut(response, name, repo, visitor)) return
    if (kind === 'auth-check') return json(response, 200, {})
    if (!['main', 'refs/pr/1', commitOf(repo)].includes(revision))
      return void refuse(response, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`)
    if (kind === 'revision') return describe(request, response, name, repo)
    if (kind === 'xet-read-token') return json(response, 200, xet.readToken())
    if (kind === 'tree') {
      const url = new URL(request.url ?? '', server.url)
      return answerTree(response, { name, repo, folder: path, url, pageSize, fault: treeFault })
    }
    const file = factsOf(repo, path)
    if (!file) return void refuse(response, 404, 'EntryNotFound', 'Entry not found')
    response.setHeader('X-Repo-Commit', commitOf(repo))
    if (file.isPlain) sendPlain(request, response, file)
    else sendAway(request, response, file, addressesOf(file, name, commitOf(repo)))
  }

  function addressesOf({ sha256, content, xetHash }: HubFacts, name: string, commit: string) {
    if (xetHash) xet.keep(xetHash, content)
    const api = name.startsWith('datasets/') ? name : `models/${name}`
    return {
      plain:
        typeof fault === 'object' && 'redirectTo' in fault
          ? fault.redirectTo
          : storage.address(sha256, content),
      xetAuth: `${server.url}/api/${api}/xet-read-token/${commit}`,
      // The first version of that interface, as the real Hub still says.
      xetReconstruction: `${xet.url}/v1/reconstructions/${xetHash}`,
    }
  }

  function whoAmI(response: ServerResponse, token: string | undefined) {
    if (token === undefined) return json(response, 401, { error: 'Invalid username or password.' })
    const accessToken = { displayName: 'slipway', role: 'read', createdAt: '2026-01-01', ...accounts[token] }
    json(response, 200, {
      type: 'user',
      id: '5f0c1a2b3c4d5e6f70819203',
      name: 'ada',
      fullname: 'Ada Lovelace',
      isPro: false,
      orgs: [{ type: 'org', name: 'engines' }],
      auth: { type: 'access_token', accessToken },
    })
  }

  return {
    url: server.url,
    storage,
    xet,
    repos,
    /** Hosts beside the Hub's own that a download has to reach. */
    hosts: [storage.host, xet.host],
    /** What arrived at the storage host; a test that finds anything here has found a leak. */
    authorizationSeen: storage.authorizationSeen,
    requests,
    /** For everything under `/api/`. */
    misbehaveApi: (next: ApiFault | undefined) => {
      apiFault = next
    },
    misbehaveTree: (next: TreeFault | undefined) => {
      treeFault = next
    },
    misbehaveXet: (next: XetFault | undefined) => xet.misbehave(next),
    misbehave: (next: HubFault | undefined) => {
      fault = next
      storage.misbehave(typeof next === 'string' ? next : undefined)
    },
    close: async () => {
      await Promise.all([server.close(), storage.close(), xet.close()])
    },
  }
}

/** All that is known of a repository, or only what `expand[]` asks for, as the real Hub does it. */
function describe(request: IncomingMessage, response: ServerResponse, name: string, repo: HubRepo): void {
  const { licence, gated = false } = repo
  const id = name.replace(/^datasets\//, '')
  const facts = {
    sha: commitOf(repo),
    private: repo.private ?? false,
    gated: gated && 'auto',
    disabled: false,
    tags: licence ? [`license:${licence}`] : [],
    ...(licence && { cardData: { license: licence } }),
    siblings: Object.keys(repo.files).map((rfilename) => ({ rfilename })),
  }
  const asked = new URL(request.url ?? '', 'http://hub').searchParams.getAll('expand[]')
  const unknown = asked.find((each) => !EXPANDABLE.includes(each))
  if (unknown) return void json(response, 400, { error: `Invalid expand: ${unknown}` })
  const told = Object.entries(facts).filter(([each]) => asked.length === 0 || asked.includes(each))
  json(response, 200, { id, ...Object.fromEntries(told) })
}

const EXPANDABLE = ['sha', 'gated', 'private', 'disabled', 'tags', 'cardData', 'siblings', 'lastModified']

const API = /^\/api\/(models|datasets|spaces)\/((?:[^/]+\/)?[^/]+)\/(auth-check|revision|tree|xet-read-token)/

/** What a request is about. */
function asked(address: string) {
  const [path = ''] = address.split('?')
  const [api, kind, repo, what] = API.exec(path) ?? []
  const [, name = '', rest = ''] = api
    ? [api, kind === 'models' ? repo : `${kind}/${repo}`, path.slice(api.length)]
    : (/^\/(.+?)\/resolve(\/.*)$/.exec(path) ?? [])
  const [, revision = '', ...below] = rest.split('/').map(decodeURIComponent)
  return { kind: what ?? 'resolve', name, revision, path: below.join('/') }
}

export type FakeHub = Awaited<ReturnType<typeof startFakeHub>>
