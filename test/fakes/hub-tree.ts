import type { ServerResponse } from 'node:http'
import { json } from './api-answers'
import { factsOf, type HubRepo } from './hub-content'
import { refuse } from './hub-gate'

/** How the list of files misbehaves: names a next page for ever, or one at another host. */
export type TreeFault = 'endless-pages' | 'foreign-page'

interface Listing {
  name: string
  repo: HubRepo
  folder: string
  /** The address that was asked. */
  url: URL
  pageSize: number
  fault: TreeFault | undefined
}

/** A page of the list of files, with the address of the next in `Link`. */
export function answerTree(response: ServerResponse, listing: Listing): void {
  const { repo, folder, url, pageSize, fault } = listing
  const below = folder && `${folder}/`
  const paths = Object.keys(repo.files).filter((path) => path.startsWith(below))
  if (folder && paths.length === 0) return void refuse(response, 404, 'EntryNotFound', `${folder} not found`)
  const isRecursive = url.searchParams.get('recursive') === 'true'
  const entries = [...folders(paths, below), ...paths]
    .filter((path) => isRecursive || !path.slice(below.length).includes('/'))
    .map((path) => entryOf(repo, path))
  const from = Number(url.searchParams.get('cursor') ?? 0)
  const next = new URL(url)
  next.searchParams.set('cursor', String(fault === 'endless-pages' ? 0 : from + pageSize))
  if (fault === 'foreign-page') next.host = 'evil.example'
  const hasMore = fault === 'endless-pages' || from + pageSize < entries.length
  const link = hasMore ? { Link: `<${next}>; rel="next"` } : {}
  json(response, 200, fault === 'endless-pages' ? [] : entries.slice(from, from + pageSize), link)
}

/** Every folder on the way to the files. */
function folders(paths: string[], below: string): string[] {
  const all = paths.flatMap((path) => {
    const parts = path.slice(below.length).split('/').slice(0, -1)
    return parts.map((_, index) => below + parts.slice(0, index + 1).join('/'))
  })
  return [...new Set(all)]
}

function entryOf(repo: HubRepo, path: string) {
  const facts = factsOf(repo, path)
  if (!facts) return { type: 'directory', oid: '0'.repeat(40), size: 0, path }
  const { blob: oid, size, sha256, isPlain, xetHash } = facts
  const lfs = { oid: sha256, size, pointerSize: 134 }
  return { type: 'file', oid, size, path, ...(!isPlain && { lfs }), ...(xetHash && { xetHash }) }
}
