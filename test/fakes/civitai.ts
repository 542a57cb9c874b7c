import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { type ApiFault, answerOddly, json } from './api-answers'
import { listen } from './listen'
import { type StorageFault, startStorage } from './storage'

interface CivitaiFile {
  id: number
  name: string
  content: string | Buffer
  type?: string
  format?: string
  fp?: string
  size?: string
  primary?: boolean
  pickleScan?: string
  virusScan?: string
  /** Asked for in this way it is not found. */
  lostBy?: 'fileId' | 'kind'
  /** The issuer says nothing of the size and the hash. */
  unknown?: boolean
}

interface CivitaiVersion {
  modelId: number
  modelType?: string
  modelName?: string
  name?: string
  baseModel?: string
  usageControl?: string
  files: CivitaiFile[]
  needsKey?: boolean
  /** ISO date until which only buyers get it. */
  earlyAccess?: string
  disabled?: boolean
  archived?: boolean
}

interface CivitaiOptions {
  keys?: string[]
  /** What `me` says of a key besides its account. */
  accounts?: Record<string, object>
  versions: Record<number, CivitaiVersion>
  /** What the API says of a model besides its versions, such as its permissions. */
  models?: Record<number, object>
}

/** `sign-in-page`: what a browser gets in place of a 401. */
export type CivitaiFault = StorageFault | 'rate-limited' | 'sign-in-page' | 'blocked'

/** A stand-in for civitai.com: the model API, and downloads that redirect to storage on a second host. */
export async function startFakeCivitai({ keys = [], accounts = {}, versions, models = {} }: CivitaiOptions) {
  const storage = await startStorage()
  const requests: { url: string; authorization: string | undefined }[] = []
  let fault: CivitaiFault | undefined
  let apiFault: ApiFault | undefined

  const server = await listen((request, response) => {
    const { authorization } = request.headers
    requests.push({ url: request.url ?? '', authorization })
    const url = new URL(request.url ?? '', server.url)
    if (apiFault && url.pathname.startsWith('/api/v1/')) return answerOddly(response, apiFault)
    const key = authorization?.replace(/^Bearer /, '')
    if (key !== undefined && !keys.includes(key)) return json(response, 401, { error: 'Unauthorized' })
    if (url.pathname === '/api/v1/me')
      return key === undefined
        ? json(response, 401, { error: 'Unauthorized' })
        : json(response, 200, { ...ME, ...accounts[key] })
    const [, kind, id] =
      /^\/api\/(v1\/models|v1\/model-versions|download\/models)\/(\d+)$/.exec(url.pathname) ?? []
    if (url.pathname === '/login')
      return void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<title>Sign in</title>')
    if (kind === 'v1/models') return sendModel(response, Number(id))
    const version = versions[Number(id)]
    if (!version) return json(response, 404, { error: 'No version found' })
    if (kind === 'v1/model-versions') return json(response, 200, describe(Number(id), version))
    sendFile(response, version, url.searchParams, key)
  })

  function sendModel(response: ServerResponse, modelId: number) {
    const ids = Object.keys(versions).map(Number)
    const newestFirst = ids.filter((id) => versions[id]?.modelId === modelId).sort((a, b) => b - a)
    if (newestFirst.length === 0) return json(response, 404, { error: 'No model found' })
    json(response, 200, { id: modelId, ...models[modelId], modelVersions: newestFirst.map((id) => ({ id })) })
  }

  function sendFile(
    response: ServerResponse,
    version: CivitaiVersion,
    query: URLSearchParams,
    key: string | undefined,
  ) {
    const signedIn = key !== undefined
    if (fault === 'rate-limited')
      return json(response, 429, { error: 'unusual amount of downloading' }, { 'Retry-After': '3599' })
    if (fault === 'blocked') return json(response, 403, { error: 'Forbidden' })
    if (fault === 'sign-in-page')
      return void response.writeHead(307, { Location: '/login?returnUrl=%2F&reason=download-auth' }).end()
    if (version.archived) return json(response, 410, { error: 'Archived' })
    if (version.disabled)
      return json(response, 401, {
        error: 'Unauthorized',
        message: 'The creator has disabled downloads on this file',
      })
    if (version.needsKey && !signedIn)
      return json(response, 401, {
        error: 'Unauthorized',
        message: 'The creator of this asset requires you to be logged in to download it',
      })
    if (version.earlyAccess)
      return json(response, 403, {
        error: 'Early Access',
        deadline: version.earlyAccess,
        message: 'Early access',
      })
    const file = version.files.find((each) => matches(each, query))
    if (!file) return json(response, 404, { error: 'File not found' })
    const content = Buffer.from(file.content)
    response.writeHead(307, { Location: storage.address(`files/${file.id}`, content) }).end()
  }

  return {
    url: server.url,
    storage,
    authorizationSeen: storage.authorizationSeen,
    requests,
    /** For everything under `/api/v1/`. */
    misbehaveApi: (next: ApiFault | undefined) => {
      apiFault = next
    },
    misbehave: (next: CivitaiFault | undefined) => {
      fault = next
      const isOwn = next === 'rate-limited' || next === 'sign-in-page' || next === 'blocked'
      storage.misbehave(isOwn ? undefined : next)
    },
    close: async () => {
      await Promise.all([server.close(), storage.close()])
    },
  }
}

const ME = {
  id: 42,
  username: 'ada',
  tier: 'free',
  status: 'active',
  isMember: false,
  subscriptions: [],
}

const kindOf = ({ type = 'Model', format, fp, size }: CivitaiFile) => ({ type, format, fp, size })

function matches(file: CivitaiFile, query: URLSearchParams): boolean {
  const isLost = file.lostBy && (file.lostBy === 'fileId') === query.has('fileId')
  if (isLost && query.size > 0) return false
  const given = { fileId: String(file.id), ...kindOf(file) }
  const asked = Object.entries(given).filter(([name]) => query.has(name))
  return asked.length ? asked.every(([name, value]) => query.get(name) === value) : !!file.primary
}

function describe(id: number, version: CivitaiVersion) {
  const { modelId, modelType = 'Checkpoint', modelName, files, archived } = version
  const { name, baseModel, usageControl = 'Download', earlyAccess } = version
  const views = files.map((file) => {
    const content = Buffer.from(file.content)
    const facts = {
      sizeKB: content.length / 1024,
      hashes: { SHA256: createHash('sha256').update(content).digest('hex').toUpperCase() },
    }
    return {
      id: file.id,
      name: file.name,
      type: file.type ?? 'Model',
      primary: file.primary,
      metadata: { format: file.format, fp: file.fp, size: file.size },
      pickleScanResult: file.pickleScan ?? 'Success',
      virusScanResult: file.virusScan ?? 'Success',
      ...(file.unknown ? {} : facts),
    }
  })
  return {
    id,
    modelId,
    name,
    baseModel,
    usageControl,
    earlyAccessEndsAt: earlyAccess ?? null,
    model: { name: modelName, type: modelType, mode: archived ? 'Archived' : null },
    files: archived ? [] : views,
  }
}

export type FakeCivitai = Awaited<ReturnType<typeof startFakeCivitai>>
