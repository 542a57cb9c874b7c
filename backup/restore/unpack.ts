import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { extract, type Headers } from 'tar-stream'
import { syncToDisk } from '../../durable'
import {
  BackupError,
  isPlace,
  type ListedFile,
  MANIFEST,
  type Manifest,
  manifestSchema,
  SEAL,
} from '../format'

/** Of a manifest; a million files take a fraction of it. */
const TEXT_BYTES_MAX = 512 * 1024 ** 2

/**
 * Unpacks a backup into an empty folder, and holds every byte against the manifest.
 * @throws BackupError when anything is damaged, missing, or not of a backup
 */
export async function unpackBackup(file: string, folder: string): Promise<Manifest> {
  const found = new Map<string, ListedFile>()
  const texts = new Map<string, string>()
  const folders = new Set([folder])
  const entries = extract()
  // Node's own stream: the library's leaves its reader waiting when the tar breaks off.
  let current: Readable | undefined
  let taking = Promise.resolve()
  const take = async ({ name, type }: Headers, content: Readable) => {
    if (type !== 'file') throw new BackupError(`${name} is a ${type}`)
    if (found.has(name) || texts.has(name) || texts.has(SEAL))
      throw new BackupError(`${name} is out of place`)
    if (name === MANIFEST || name === SEAL) {
      texts.set(name, await readText(content))
    } else {
      if (!isPlace(name)) throw new BackupError(`${name} is none of a backup's names`)
      const path = join(folder, name)
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      folders.add(dirname(path))
      found.set(name, { name, ...(await writeDown(path, content)) })
    }
  }
  entries.on('entry', (header, content, next) => {
    current = content.pipe(new PassThrough()).on('error', () => undefined)
    taking = take(header, current).then(() => next(), next)
  })
  try {
    await pipeline(createReadStream(file), entries)
  } catch (error) {
    current?.destroy(error as Error)
    await taking
    throw isOfDisk(error) ? error : damaged(file, (error as Error).message)
  }
  for (const path of folders) syncToDisk(path)
  const manifest = readManifest(file, texts)
  assertSame(file, manifest, found)
  return manifest
}

const damaged = (file: string, what: string) =>
  new BackupError(`${file} is damaged, or not a backup: ${what.replace(/\.$/, '')}. Nothing was changed.`)

const isOfDisk = (error: unknown) => typeof (error as NodeJS.ErrnoException).syscall === 'string'

async function readText(content: Readable): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of content) {
    bytes += piece.length
    if (bytes > TEXT_BYTES_MAX) throw new BackupError('its manifest is too large')
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

async function writeDown(path: string, content: Readable): Promise<Omit<ListedFile, 'name'>> {
  const hash = createHash('sha256')
  let bytes = 0
  const file = await open(path, 'wx', 0o600)
  try {
    for await (const piece of content) {
      hash.update(piece)
      bytes += piece.length
      await file.writeFile(piece)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { bytes, sha256: hash.digest('hex') }
}

function readManifest(file: string, texts: ReadonlyMap<string, string>): Manifest {
  const text = texts.get(MANIFEST)
  if (text === undefined || texts.get(SEAL) !== createHash('sha256').update(text).digest('hex'))
    throw damaged(file, 'its end is missing or changed')
  const manifest = manifestSchema.safeParse(JSON.parse(text))
  if (manifest.success) return manifest.data
  throw new BackupError(
    `${file} is of another format than this Slipway knows. Restore it with the version that made it.`,
  )
}

function assertSame(file: string, { files }: Manifest, found: ReadonlyMap<string, ListedFile>): void {
  for (const { name, bytes, sha256 } of files) {
    const got = found.get(name)
    if (!got) throw damaged(file, `${name} is missing`)
    if (got.bytes !== bytes || got.sha256 !== sha256) throw damaged(file, `${name} has changed`)
  }
  if (found.size !== files.length) throw damaged(file, 'it holds files that its manifest does not name')
}
