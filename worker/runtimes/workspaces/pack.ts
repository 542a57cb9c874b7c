import { type FileHandle, readlink } from 'node:fs/promises'
import { PassThrough, type Readable, type Writable } from 'node:stream'
import { type Headers, type Pack, pack } from 'tar-stream'
import { scrub } from '../../../scrub'
import { type SavePlan, SecretCameMeanwhile } from '../runtime'
import { linkStaysInside } from './inside'
import { openToRead, pieces, zeros } from './read-file'
import { secretSearches } from './secret-search'
import { isOfOneSession } from './session-files'
import { tarSize } from './tar-size'
import { type Found, survey, unless, walk } from './walk'

/** A tar of the folder, as the contract of `Workspaces.save` says. */
export function packFolder(root: string, plan: SavePlan, signal: AbortSignal): Readable {
  const tar = pack()
  // Node's own stream for whoever reads: the library's can close without saying that it broke off.
  const out = tar.pipe(new PassThrough())
  out.once('close', () => tar.destroy())
  fill(tar, root, plan, signal).then(
    () => tar.finalize(),
    (error) => out.destroy(error),
  )
  return out
}

async function fill(tar: Pack, root: string, plan: SavePlan, signal: AbortSignal): Promise<void> {
  const values = plan.secrets.map(({ value }) => value)
  const note = (path: string, what: string) => plan.note(`${legible(scrub(path, values))} ${what}.`)
  const onTrouble = (path: string, { code }: NodeJS.ErrnoException) =>
    code === 'ENOENT'
      ? note(path, 'vanished while it was being saved and was left out')
      : note(path, `could not be read (${code}) and was left out`)
  const begin = secretSearches(plan.secrets)
  const secretIn = (text: string) => begin?.().look(Buffer.from(text))
  const { isLinkedFromOutside } = await survey(root)

  for await (const found of walk(root, onTrouble, isOfOneSession)) {
    signal.throwIfAborted()
    const { path, at, stats } = found
    const common = {
      name: path,
      mode: stats.mode & 0o777,
      mtime: stats.mtimeMs > 0 ? stats.mtime : new Date(0),
    }
    const held = secretIn(path)
    if (held) {
      note(path, `holds your ${held} token in its name and was left out`)
    } else if (stats.isDirectory()) {
      await add(tar, { ...common, type: 'directory' })
    } else if (stats.isSymbolicLink()) {
      const linkname = await unless(readlink(at), (error) => onTrouble(path, error))
      if (linkname === undefined) continue
      const named = secretIn(linkname)
      if (named) note(path, `holds your ${named} token and was left out`)
      else if (await linkStaysInside(root, path, linkname))
        await add(tar, { ...common, type: 'symlink', linkname })
      else note(path, 'points outside the workspace and was left out')
    } else if (!stats.isFile()) {
      note(path, 'is neither a file nor a folder and was left out')
    } else if (isLinkedFromOutside(stats)) {
      note(path, 'is also a file outside the workspace and was left out')
    } else {
      await addFile(found, common)
    }
  }

  async function addFile({ path, at }: Found, header: Headers): Promise<void> {
    const file = await unless(openToRead(at), (error) => onTrouble(path, error))
    if (!file) return
    try {
      const stats = await file.stat()
      if (!stats.isFile()) return note(path, 'changed while it was being saved and was left out')
      const label = await secretInFile(file, stats.size)
      if (label) return note(path, `holds your ${label} token and was left out`)
      await add(tar, { ...header, ...tarSize(stats.size) }, content(file, path, stats.size))
    } finally {
      await file.close()
    }
  }

  /** Looked for before the file is added: one that holds a secret is not in the tar by half. */
  async function secretInFile(file: FileHandle, size: number): Promise<string | undefined> {
    const search = begin?.()
    if (!search) return undefined
    for await (const piece of pieces(file, size, signal)) {
      const label = search.look(piece)
      if (label) return label
    }
  }

  async function* content(file: FileHandle, path: string, size: number): AsyncGenerator<Buffer> {
    const search = begin?.()
    let done = 0
    for await (const piece of pieces(file, size, signal)) {
      if (search?.look(piece)) throw new SecretCameMeanwhile(scrub(path, values))
      done += piece.length
      plan.onBytes(piece.length)
      yield piece
    }
    if (done < size) note(path, 'got shorter while it was being saved; zeros stand for what was missing')
    yield* zeros(size - done)
  }
}

/** Adds one entry, and returns once the tar has taken all of it. */
function add(tar: Pack, header: Headers, content?: AsyncIterable<Buffer>): Promise<void> {
  return new Promise((resolve, reject) => {
    const entry = tar.entry(header, (error) => (error ? reject(error) : resolve()))
    if (!(entry as Writable | undefined)) reject(new Error('The tar was closed.'))
    else if (content) copy(content, entry).catch(reject)
  })
}

/** Unlike `pipeline` it doesn't close the entry when reading fails, which would end the tar without a word. */
async function copy(content: AsyncIterable<Buffer>, entry: Writable): Promise<void> {
  let isClosed = false
  entry.once('close', () => {
    isClosed = true
  })
  for await (const piece of content) {
    if (isClosed) return
    if (!entry.write(piece)) await drained(entry)
  }
  entry.end()
}

const drained = (entry: Writable) =>
  new Promise<void>((resolve) => {
    const done = () => {
      entry.off('drain', done).off('close', done)
      resolve()
    }
    entry.on('drain', done).on('close', done)
  })

/** A path as it can stand in a sentence of one line. */
const legible = (path: string) => path.replace(/\p{Cc}/gu, '\u{fffd}')
