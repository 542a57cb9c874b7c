import * as z from 'zod'
import { askHub } from './hub-api'
import type { IssuerContext } from './issuer'
import { type HubFile, isPlainName } from './source'

/** More than any model has; a dataset that has more says so. */
const FILES_MAX = 5000
/** A Hub that names a next page for ever is asked no more. */
const PAGES_MAX = 60

const hash = z.string().regex(/^[0-9a-f]{64}$/i)
const entry = z.object({
  type: z.string(),
  path: z.string(),
  size: z.number().int().nonnegative().optional(),
  lfs: z.object({ oid: hash, size: z.number().int().nonnegative() }).nullish(),
})

export interface TreeFile {
  /** From the repository's root, decoded. */
  path: string[]
  size: number | undefined
  sha256: string | undefined
}

/**
 * Every file below a folder of a repository.
 * @returns at most 5,000 of them, and whether that is all
 * @throws Refusal
 */
export async function listTree(
  folder: Pick<HubFile, 'base' | 'repo' | 'revision' | 'path'>,
  context: IssuerContext,
): Promise<{ files: TreeFile[]; complete: boolean }> {
  const place = ['/tree', ...[folder.revision, ...folder.path].map(encodeURIComponent)].join('/')
  const files: TreeFile[] = []
  let query: string | undefined = '?recursive=true&expand=false'
  for (let page = 0; query !== undefined && page < PAGES_MAX && files.length < FILES_MAX; page++) {
    const answer: { value: z.infer<typeof entry>[]; next: string | undefined } = await askHub(
      folder,
      `${place}${query}`,
      z.array(entry),
      context,
    )
    files.push(...answer.value.flatMap(toFile))
    query = answer.next
  }
  return { files: files.slice(0, FILES_MAX), complete: query === undefined && files.length <= FILES_MAX }
}

function toFile({ type, path, size, lfs }: z.infer<typeof entry>): TreeFile[] {
  const parts = path.split('/')
  if (type !== 'file' || !parts.every(isPlainName)) return []
  return [{ path: parts, size: lfs?.size ?? size, sha256: lfs?.oid.toLowerCase() }]
}
