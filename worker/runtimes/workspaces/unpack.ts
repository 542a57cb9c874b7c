import { constants } from 'node:fs'
import { mkdir, open, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { extract, type Headers } from 'tar-stream'
import { ArchiveError } from '../runtime'
import { linkStaysInside, staysInside } from './inside'
import { walk } from './walk'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants

/**
 * Puts the tar's files into an empty folder. Everything belongs to the server's user, and nothing of it
 * lies or leads outside; no right is taken over beyond reading, writing and executing.
 * @throws ArchiveError
 */
export async function unpack(root: string, tar: Readable, signal: AbortSignal): Promise<void> {
  const links: { path: string; target: string }[] = []
  const entries = extract()
  // Node's own stream: the library's leaves its reader waiting when the tar breaks off.
  let current: Readable | undefined
  let placing = Promise.resolve()
  entries.on('entry', (header, content, next) => {
    current = content.pipe(new PassThrough()).on('error', () => undefined)
    placing = place(root, header, current, links).then(() => next(), next)
  })
  try {
    await pipeline(tar, entries, { signal })
  } catch (error) {
    current?.destroy(error as Error)
    await placing
    throw error
  }
  // Last, so that no file was written through one.
  for (const { path, target } of links) await makeLink(root, path, target)
  for (const { path, target } of links)
    if (!(await linkStaysInside(root, path, target))) throw new ArchiveError(`${path} leads outside.`)
}

async function place(
  root: string,
  { name, type, mode = 0, mtime, linkname }: Headers,
  content: Readable,
  links: { path: string; target: string }[],
): Promise<void> {
  if (!staysInside(name)) throw new ArchiveError(`${name} lies outside.`)
  const path = join(root, name)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  if (type === 'directory') {
    await mkdir(path, { recursive: true, mode: (mode & 0o755) | 0o700 })
  } else if (type === 'symlink') {
    links.push({ path: name, target: linkname ?? '' })
  } else if (type === 'file') {
    const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, (mode & 0o755) | 0o600)
    try {
      for await (const piece of content) await file.writeFile(piece)
      if (mtime) await file.utimes(mtime, mtime)
    } finally {
      await file.close()
    }
  } else {
    throw new ArchiveError(`${name} is a ${type}.`)
  }
  content.resume()
}

async function makeLink(root: string, path: string, target: string): Promise<void> {
  if (!(await linkStaysInside(root, path, target))) throw new ArchiveError(`${path} leads outside.`)
  await symlink(target, join(root, path))
}

const AT_ONCE = 16

/** Has everything below the folder on disk, so that it survives a power cut. */
export async function syncFolder(root: string): Promise<void> {
  let running: Promise<void>[] = []
  const sync = async (path: string) => {
    const file = await open(path, 'r')
    await file.sync().finally(() => file.close())
  }
  for await (const { path, stats } of walk(root, (_path, error) => {
    throw error
  })) {
    if (stats.isFile() || stats.isDirectory()) running.push(sync(join(root, path)))
    if (running.length < AT_ONCE) continue
    await Promise.all(running)
    running = []
  }
  await Promise.all(running)
  await sync(root)
}
