import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * How the files that came out of requests lie on the disk: `DATA_DIR/results/<user>/<request>/<position>`. What is
 * still being written lies beside the request's folder, in `<request>.<random>.part`.
 */

export interface ResultsOf {
  userId: string
  requestId: string
}

const PART = /^([a-z2-7]{16})\.[a-z2-7]{16}\.part$/

/** Of all requests of a user. */
export const resultsOfUser = (dataDir: string, userId: string) => join(dataDir, 'results', userId)

export const resultFolder = (dataDir: string, { userId, requestId }: ResultsOf) =>
  join(resultsOfUser(dataDir, userId), requestId)

/** @param position of the file's row; it is there once the row is */
export const resultFile = (dataDir: string, { position, ...of }: ResultsOf & { position: number }) =>
  join(resultFolder(dataDir, of), String(position))

/** @param unique as `newId` makes it: no two workers ever write into the same folder */
export const resultPart = (dataDir: string, of: ResultsOf, unique: string) =>
  `${resultFolder(dataDir, of)}.${unique}.part`

/** Which request a folder of a user's is of, whole or still being written; undefined for what is neither. */
export const requestOfFolder = (name: string): string | undefined =>
  /^[a-z2-7]{16}$/.test(name) ? name : PART.exec(name)?.[1]

/** Removes what was begun for a request and never got whole. Whoever still writes it fails. */
export async function removeResultParts(dataDir: string, { userId, requestId }: ResultsOf): Promise<void> {
  const folder = resultsOfUser(dataDir, userId)
  const names = await readdir(folder).catch(orNone)
  const parts = names.filter((name) => PART.exec(name)?.[1] === requestId)
  await Promise.all(parts.map((name) => rm(join(folder, name), { recursive: true, force: true })))
}

/** Removes all files of a request. Fine when there are none. */
export async function removeResults(dataDir: string, of: ResultsOf): Promise<void> {
  await removeResultParts(dataDir, of)
  await rm(resultFolder(dataDir, of), { recursive: true, force: true })
}

function orNone(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOENT') return []
  throw error
}
