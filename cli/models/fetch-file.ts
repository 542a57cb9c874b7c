import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Cli } from '../cli'
import { CliError, EXIT, mayPass } from '../exits'
import { networkFault } from '../http/network-faults'
import { pauseBefore } from '../http/pauses'
import { nameInUrl, numbered } from './file-name'
import { cannotWrite } from './folder'
import { openPart, tooLarge } from './part'
import { type Pause, pauseMs } from './wire'

const BYTES_MAX = 2 * 1024 ** 3
/** In a row, without a byte more than before. */
const TRIES = 5
const NUMBERS_MAX = 10_000

export interface FetchedFile {
  url: string
  path: string
  bytes: number
}

/**
 * Fetches a result file with the login's token, and goes on where the connection was lost. What lies in the
 * folder already stays as it is; nothing is left there but the whole file.
 * @param url on the login's own server
 * @throws CliError
 */
export async function fetchFile(
  cli: Cli,
  url: URL,
  folder: string,
  { wait = pause, bytesMax = BYTES_MAX }: { wait?: Pause; bytesMax?: number } = {},
): Promise<FetchedFile> {
  const place = join(folder, `.runcomfy-${randomUUID()}.part`)
  const file = await open(place, 'wx').catch(cannotWrite(folder))
  try {
    const bytes = await fill(cli, url, file, { wait, bytesMax })
    await file.close()
    return { url: url.href, path: await settle(place, folder, nameInUrl(url)), bytes }
  } finally {
    await file.close()
    await rm(place, { force: true })
  }
}

async function fill(
  cli: Cli,
  url: URL,
  file: FileHandle,
  { wait, bytesMax }: { wait: Pause; bytesMax: number },
): Promise<number> {
  let have = 0
  let most = 0
  let tag: string | undefined
  for (let tries = 1; ; tries++) {
    try {
      const part = await openPart(cli, url, { from: have, tag, bytesMax })
      tag = part.tag
      have = part.from
      for await (const bytes of part.bytes) {
        if (have + bytes.length > bytesMax) throw tooLarge(bytesMax)
        await writeAll(file, bytes, have).catch(cannotWrite('The file'))
        have += bytes.length
      }
      if (part.total !== undefined && part.total !== have)
        throw new CliError(EXIT.upstream, `${url.origin} sent another length than it said.`)
      await file.truncate(have)
      return have
    } catch (error) {
      cli.signal.throwIfAborted()
      const fault = (await networkFault(error, url.href)) ?? error
      if (!(fault instanceof CliError) || !mayPass(fault.exit)) throw fault
      if (have > most) tries = 1
      if (tries >= TRIES) throw fault
      most = Math.max(most, have)
      cli.output.progress('connection', `${fault.message} Going on with the file …`)
      await wait(pauseMs(pauseBefore(tries), fault.retryAfterSeconds), undefined, { signal: cli.signal })
    }
  }
}

/** A disk that is nearly full takes a part and says no error; the next write does. */
async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; )
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten
}

/** Gives a whole file the first of its names that is free. */
async function settle(from: string, folder: string, name: string): Promise<string> {
  for (let count = 0; count < NUMBERS_MAX; count++) {
    const path = join(folder, numbered(name, count))
    const isFree = await open(path, 'wx')
      .then((file) => file.close())
      .then(() => true)
      .catch((error) => error.code !== 'EEXIST' && cannotWrite(folder)(error))
    if (!isFree) continue
    await rename(from, path).catch(async (error) => {
      await rm(path, { force: true })
      return cannotWrite(folder)(error)
    })
    return path
  }
  throw new CliError(EXIT.failed, `${folder} has ${NUMBERS_MAX} files of this name already.`)
}
