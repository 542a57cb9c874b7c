import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

const DRAFT = /\.[0-9a-f-]{36}\.draft$/

/** Whether this is the name of a draft of `writeState`, which a process that was killed may leave. */
export const isDraft = (name: string): boolean => DRAFT.test(name)

/**
 * Replaces a small file, readable to this program's user alone: after a crash it is the old one or the new one. The
 * folder is made where it is missing; `syncFolder` of `place.ts` makes the new name outlast a power cut.
 */
export async function writeState(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}.draft`
  try {
    await writeDraft(draft, text).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await writeDraft(draft, text)
    })
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

async function writeDraft(path: string, text: string) {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}
