import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { newId } from '../../../db/ids'
import { SERVICE_NAMES, type ServiceName } from '../../../db/schema'

const schema = z.object({
  service: z.enum(SERVICE_NAMES),
  attempt: z.number(),
  pid: z.number(),
  startTime: z.number(),
  bootId: z.string(),
  port: z.number(),
})

/** Which process is a machine's service. Survives the worker, so that the next one finds it again. */
export type ServiceRecord = z.infer<typeof schema>

const file = (folder: string, service: ServiceName) => join(folder, `${service}.json`)

/**
 * Writes the record unless there is one: when two workers start the same service, the first stays.
 * @returns whether this one was written
 */
export async function claimRecord(folder: string, record: ServiceRecord): Promise<boolean> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const draft = `${file(folder, record.service)}.${newId()}`
  await writeFile(draft, JSON.stringify(record), { mode: 0o600 })
  try {
    await link(draft, file(folder, record.service))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  } finally {
    await rm(draft, { force: true })
  }
}

/** @returns undefined when there is none, or none that makes sense */
export async function readRecord(folder: string, service: ServiceName): Promise<ServiceRecord | undefined> {
  const text = await readFile(file(folder, service), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

export const removeRecord = (folder: string, service: ServiceName) =>
  rm(file(folder, service), { force: true })

/** @returns the records of every machine below the folder, by machine */
export async function listRecords(folder: string): Promise<Map<string, ServiceRecord[]>> {
  const ids = await readdir(folder).catch(() => [])
  const records = await Promise.all(
    ids.map(async (id) => {
      const found = await Promise.all(SERVICE_NAMES.map((service) => readRecord(join(folder, id), service)))
      return [id, found.filter((record) => record !== undefined)] as const
    }),
  )
  return new Map(records.filter(([, found]) => found.length))
}
