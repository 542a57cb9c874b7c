import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ApiFault, answerOddly, json } from './api-answers'
import { listen } from './listen'
import { type StorageFault, startStorage } from './storage'

interface HubRepo {
  /** By path in the repository. */
  files: Record<string, string | Buffer>
  gated?: boolean
  private?: boolean
  /** Tokens whose owner has accepted the terms (gated) or may see it (private). */
  allowed?: string[]
  /** Served by the Hub itself, with a git hash for a tag, as small files are. */
  plain?: boolean
}

interface HubOptions {
  /** Tokens that the Hub knows. */
  tokens?: string[]
  /** Those of them that are fine-grained without the box for gated repositories. */
  withoutGatedRead?: string[]
  /** What `whoami-v2` says of a token besides its name, as the real one does under `auth.accessToken`. */
  accounts?: Record<string, object>
  /** By `owner/name` or `datasets/owner/name`. */
  repos: Record<string, HubRepo>
}

/** What the Hub does beside what it should: a status for every request, or where it redirects to. */
export type HubFault =
  | StorageFault
  | { status: number; headers?: Record<string, string> }
  | { redirectTo: string }

const COMMIT = '0123456789abcdef0123456789abcdef01234567'

/** A stand-in for huggingface.co that answers as the real one does, with its storage on a second host. */
export async function startFakeHub({ tokens = [], withoutGatedRead = [], accounts = {}, repos }: HubOptions) {
  const storage = await startStorage()
  const requests: {
    method: string
    url: string
    authorization: string | undefined
    userAgent: string | undefined
  }[] = []
  let fault: HubFault | undefined
  let apiFault: ApiFault | undefined

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
    const refuse = (status: number, code: string, message: string) =>
      void response.writeHead(status, { 'X-Error-Code': code, 'X-Error-Message': message }).end()
    if (token !== undefined && !tokens.includes(token))
      return refuse(401, '', 'Invalid credentials in Authorization header')
    if (request.url === '/api/whoami-v2') return whoAmI(response, token)
    const { isCheck, name, revision, path } = asked(request.url ?? '')
    const repo = repos[name]
    const isAllowed = token !== undefined && !!repo?.allowed?.includes(token)
    if (!repo || (repo.private && !isAllowed))
      return refuse(token ? 404 : 401, 'RepoNotFound', 'Repository not found')
    if (repo.gated && token === undefined)
      return refuse(
        401,
        'GatedRepo',
        `Access to model ${name} is restricted. You must be authenticated to access it.`,
      )
    if (repo.gated && token && withoutGatedRead.includes(token))
      return refuse(
        403,
        'GatedRepo',
        'Please enable access to public gated repositories in your fine-grained token settings',
      )
    if (repo.gated && !isAllowed)
      return refuse(
        403,
        'GatedRepo',
        `Access to model ${name} is restricted and you are not in the authorized list.`,
      )
    if (isCheck) return json(response, 200, {})
    if (revision !== 'main' && revision !== COMMIT && revision !== 'refs/pr/1')
      return refuse(404, 'RevisionNotFound', `Invalid rev id: ${revision}`)
    const file = repo.files[path]
    if (file === undefined) return refuse(404, 'EntryNotFound', 'Entry not found')
    sendFile(request, response, Buffer.from(file), repo)
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

  function sendFile(request: IncomingMessage, response: ServerResponse, content: Buffer, repo: HubRepo) {
    response.setHeader('X-Repo-Commit', COMMIT)
    const sha256 = createHash('sha256').update(content).digest('hex')
    if (repo.plain) {
      const blob = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
      response.writeHead(200, {
        ETag: `"${blob}"`,
        'Content-Length': content.length,
        'Content-Type': 'text/plain',
      })
      return void response.end(request.method === 'HEAD' ? undefined : content)
    }
    const redirectTo = typeof fault === 'object' && 'redirectTo' in fault ? fault.redirectTo : undefined
    response.writeHead(302, {
      'X-Linked-Size': content.length,
      'X-Linked-Etag': `"${sha256}"`,
      Location: redirectTo ?? storage.address(sha256, content),
    })
    response.end()
  }

  return {
    url: server.url,
    storage,
    /** What arrived at the storage host; a test that finds anything here has found a leak. */
    authorizationSeen: storage.authorizationSeen,
    requests,
    /** For everything under `/api/`. */
    misbehaveApi: (next: ApiFault | undefined) => {
      apiFault = next
    },
    misbehave: (next: HubFault | undefined) => {
      fault = next
      storage.misbehave(typeof next === 'string' ? next : undefined)
    },
    close: async () => {
      await Promise.all([server.close(), storage.close()])
    },
  }
}

/** The repository and, unless only the right to it is asked about, the file. */
function asked(url: string) {
  const [, kind, repo] = /^\/api\/(models|datasets|spaces)\/(.+)\/auth-check$/.exec(url) ?? []
  if (repo)
    return { isCheck: true, name: kind === 'models' ? repo : `${kind}/${repo}`, revision: '', path: '' }
  const [, name = '', revision = '', path = ''] =
    /^\/(.+)\/resolve\/([^/]+)\/([^?]+)/.exec(url)?.map(decodeURIComponent) ?? []
  return { isCheck: false, name, revision, path }
}

export type FakeHub = Awaited<ReturnType<typeof startFakeHub>>
