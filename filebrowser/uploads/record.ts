import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { statePath } from '../workspace/reserved'

const schema = z.object({
  id: z.string(),
  /** Where to, relative to the workspace; once it is finished, where it is. */
  path: z.string(),
  size: z.number().int().min(0),
  overwrite: z.boolean(),
  metadata: z.record(z.string(), z.string().nullable()),
  /** It is in its place; kept for a client that missed the answer. */
  finished: z.boolean(),
})

/** What is known of an upload; its bytes lie beside it, and their number is how far it has come. */
export interface UploadRecord extends z.infer<typeof schema> {
  /** Highest folder of the file system that it is on: so it comes into place by one rename. */
  area: string
}

type Place = Pick<UploadRecord, 'area' | 'id'>
export const dataPath = ({ area, id }: Place) => join(statePath(area, 'uploads'), id)
const recordPath = (place: Place) => `${dataPath(place)}.json`

export async function saveRecord(record: UploadRecord): Promise<void> {
  await mkdir(statePath(record.area, 'uploads'), { recursive: true })
  const fresh = `${recordPath(record)}.new`
  await writeFile(fresh, JSON.stringify(schema.parse(record)))
  await rename(fresh, recordPath(record))
}

export async function removeRecord(record: Place): Promise<void> {
  await rm(dataPath(record), { force: true })
  await rm(recordPath(record), { force: true })
}

/** Every upload on a file system, finished or not. */
export async function readRecords(area: string): Promise<UploadRecord[]> {
  const names = await readdir(statePath(area, 'uploads')).catch(() => [])
  const records: UploadRecord[] = []
  for (const name of names.filter((each) => each.endsWith('.json'))) {
    const text = await readFile(join(statePath(area, 'uploads'), name), 'utf8').catch(() => '')
    const { success, data } = schema.safeParse(parse(text))
    if (success && `${data.id}.json` === name) records.push({ ...data, area })
  }
  return records
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
