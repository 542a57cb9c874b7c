import { join } from 'node:path'
import { listResultFiles, listSavedArchives } from '../db/kept-files'
import type { Db } from '../db/open'
import { resultFile } from '../result-files'
import { archivePath } from '../worker/saves/archives'

/** A file of the data folder that belongs into a backup. */
export interface Content {
  /** Where it lies, in the data folder and in the backup. */
  name: string
  /** As the database has it; null where it doesn't say. */
  bytes: number | null
  sha256: string | null
}

/** Cloud saves and results that the database speaks of. */
export function contentsOf(db: Db): Content[] {
  const saves = listSavedArchives(db).map(({ bytes, sha256, ...of }) => ({
    name: archivePath('saves', of),
    bytes,
    sha256,
  }))
  const results = listResultFiles(db).map(({ bytes, ...of }) => ({
    name: resultFile('', of),
    bytes,
    sha256: null,
  }))
  return [...saves, ...results]
}

export const bytesOf = (contents: readonly Content[]): number =>
  contents.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0)

export const pathIn = (dataDir: string, { name }: Pick<Content, 'name'>) => join(dataDir, name)
