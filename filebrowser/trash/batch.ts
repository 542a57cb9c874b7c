import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { syncFolder } from '../workspace/place'
import { lookAt } from '../workspace/put-in-place'
import { removeTree } from '../workspace/remove-tree'
import { statePath } from '../workspace/reserved'

/*
 * What was deleted together lies, for each file system, in a folder of its own: `about.json`, durable before the first
 * entry moves, says where each came from, and the entries themselves are called by their number in it. An entry that
 * is not there never left its place. So whatever a kill interrupts, each entry is in one of the two places.
 */

const ABOUT = 'about.json'
const aboutSchema = z.object({
  deletedAt: z.iso.datetime(),
  /** Relative to the file system's highest folder, which other machines may mount elsewhere. */
  paths: z.array(z.string()),
  size: z.number().nullable(),
})

/** The part of what was deleted together that is on one file system. */
export interface Batch extends z.infer<typeof aboutSchema> {
  id: string
  /** Absolute path of the file system's highest folder. */
  area: string
  /** Numbers of the entries that are here. */
  held: number[]
}

const folderOf = ({ area, id }: Pick<Batch, 'area' | 'id'>) => join(statePath(area, 'trash'), id)

export const heldPath = (batch: Pick<Batch, 'area' | 'id'>, index: number) =>
  join(folderOf(batch), String(index))

export async function createBatch({ held, ...batch }: Batch): Promise<void> {
  const fresh = `${folderOf(batch)}.new`
  try {
    await mkdir(fresh, { recursive: true })
    await writeAbout(fresh, batch)
    await rename(fresh, folderOf(batch))
  } catch (error) {
    await removeTree(fresh)
    throw error
  }
  await syncFolder(statePath(batch.area, 'trash'))
}

/** So that it need not be measured again. */
export const saveSize = (batch: Batch): Promise<void> => writeAbout(folderOf(batch), batch)

async function writeAbout(folder: string, about: z.infer<typeof aboutSchema>): Promise<void> {
  const fresh = join(folder, `${ABOUT}.new`)
  const file = await open(fresh, 'w')
  try {
    await file.writeFile(JSON.stringify(aboutSchema.parse(about)))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(fresh, join(folder, ABOUT))
}

/** @returns every batch of a file system */
export async function readBatches(area: string): Promise<Batch[]> {
  const names = await readdir(statePath(area, 'trash')).catch(() => [])
  const batches = await Promise.all(names.map((id) => readBatch(area, id)))
  return batches.filter((batch) => batch !== undefined)
}

/** The oldest first. */
export const byAge = (a: Batch, b: Batch) => (a.deletedAt < b.deletedAt ? -1 : 1)

export async function readBatch(area: string, id: string): Promise<Batch | undefined> {
  if (!/^[\w-]+$/.test(id)) return undefined
  try {
    const about = aboutSchema.parse(JSON.parse(await readFile(join(folderOf({ area, id }), ABOUT), 'utf8')))
    const here = new Set(await readdir(folderOf({ area, id })))
    return { ...about, id, area, held: [...about.paths.keys()].filter((index) => here.has(String(index))) }
  } catch {
    return undefined
  }
}

/** Its name goes first, so that half of it never looks like the whole. */
export async function purgeBatch(batch: Batch): Promise<void> {
  const gone = `${folderOf(batch)}.gone`
  await rename(folderOf(batch), gone)
  await removeTree(gone)
}

/**
 * Removes what is left of one that was being made or purged.
 * @param before only what is older than this time
 * @param onFault told of each that can't be removed
 */
export async function removeLeftovers(
  area: string,
  before: number,
  onFault: (error: unknown) => void,
): Promise<void> {
  for (const name of await readdir(statePath(area, 'trash')).catch(() => [])) {
    const path = join(statePath(area, 'trash'), name)
    const isOld = ((await lookAt(path))?.ctimeMs ?? Number.POSITIVE_INFINITY) < before
    if (isOld && /\.(new|gone)$/.test(name)) await removeTree(path).catch(onFault)
  }
}
