import { createHash } from 'node:crypto'

export interface HubRepo {
  /** By path in the repository. */
  files: Record<string, string | Buffer | HubFile>
  gated?: boolean
  private?: boolean
  /** Taken down. */
  disabled?: boolean
  /** Tokens whose owner has accepted the terms (gated) or may see it (private). */
  allowed?: string[]
  /** Served by the Hub itself, with a git hash for a tag, as small files are. */
  plain?: boolean
  /** What the model card says. */
  licence?: string
  /** The list of files is shown to nobody whom the gate keeps out. */
  hidesList?: boolean
  /** What `main` is at. */
  commit?: string
}

interface HubFile {
  content: string | Buffer
  plain?: boolean
  /** Kept in chunks, as all large files of the real Hub are. */
  xet?: boolean
  /** What the Hub says of its size, for files that no test could hold. */
  size?: number
}

export const COMMIT = '0123456789abcdef0123456789abcdef01234567'
export const commitOf = (repo: HubRepo) => repo.commit ?? COMMIT

/** What the Hub knows of a file. */
export function factsOf(repo: HubRepo, path: string) {
  const given = repo.files[path]
  if (given === undefined) return undefined
  const file: HubFile = typeof given === 'string' || Buffer.isBuffer(given) ? { content: given } : given
  const content = Buffer.from(file.content)
  return {
    content,
    size: file.size ?? content.length,
    isPlain: file.plain ?? repo.plain ?? false,
    sha256: createHash('sha256').update(content).digest('hex'),
    /** What git calls these bytes. */
    blob: createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex'),
    xetHash: file.xet ? createHash('sha256').update('xet').update(content).digest('hex') : undefined,
  }
}

export type HubFacts = NonNullable<ReturnType<typeof factsOf>>
