import * as z from 'zod'
import { listFileManagers, noteDownloads } from '../db/downloads'
import { looksLikeToken } from '../providers/models/pasted-token'
import { askService } from './ask-service'
import type { WorkerDeps } from './deps'

/** How often a machine is asked, and how many are asked at once. */
const ASK_EVERY_MS = 60_000
const ASKED_AT_ONCE = 20
/** File managers list no more than these. */
const LISTED_MAX = 500
const ANSWER_BYTES_MAX = 1024 ** 2
/** 32 TiB; nobody downloads more as one file. */
const BYTES_MAX = 2 ** 45

/** Of what a file manager says of a download; machines are their users', so nothing is taken for granted. */
const finished = z.object({
  id: z.uuid(),
  state: z.literal('done'),
  source: z.url().transform((source) => new URL(source).host.slice(0, 260)),
  name: z.string().transform(fileName),
  received: z.int().nonnegative().max(BYTES_MAX),
  finishedAt: z.iso.datetime(),
})
const list = z.array(z.unknown())

/** Without folder or query, and without what somebody may have pasted into it by mistake. */
function fileName(name: string): string {
  const last =
    name
      .replace(/[?#].*$/s, '')
      .split(/[\\/]/)
      .at(-1) ?? ''
  return looksLikeToken(last) ? '' : last.slice(0, 255)
}

/**
 * Asks the file managers of running machines what they have downloaded since they were asked last, and writes that
 * down. What is taken off a list within that minute is not seen; what a machine was stopped too early for is, when
 * its workspace runs again.
 */
export function finishedDownloads(
  { db, clock, logger }: Pick<WorkerDeps, 'db' | 'clock' | 'logger'>,
  shutdown: AbortSignal,
): () => Promise<void> {
  let asked = new Map<string, { at: number; upTo?: string }>()

  async function look({ machineId, address }: ReturnType<typeof listFileManagers>[number]) {
    const upTo = asked.get(machineId)?.upTo
    const since = upTo ? `&finishedSince=${upTo}` : ''
    const url = `${address}/api/downloads?state=done&limit=${LISTED_MAX}${since}`
    const said = await askService(url, shutdown, ANSWER_BYTES_MAX)
    const rows = list.safeParse(said?.body).data?.slice(0, LISTED_MAX) ?? []
    const done = rows.flatMap((row) => finished.safeParse(row).data ?? [])
    if (shutdown.aborted || done.length === 0) return
    noteDownloads(
      db,
      machineId,
      done.map(({ id, source, name, received, finishedAt }) => ({
        ...{ id, host: source, name, bytes: received, at: Date.parse(finishedAt) },
      })),
      clock,
    )
    const latest = done
      .map(({ finishedAt }) => finishedAt)
      .sort()
      .at(-1)
    asked.set(machineId, { at: clock(), ...(latest && { upTo: latest }) })
  }

  return async function pass() {
    const now = clock()
    const managers = listFileManagers(db)
    const before = asked
    asked = new Map(managers.map(({ machineId }) => [machineId, before.get(machineId) ?? { at: 0 }]))
    const askedAt = ({ machineId }: (typeof managers)[number]) => asked.get(machineId)?.at ?? 0
    const due = managers
      .filter((each) => askedAt(each) <= now - ASK_EVERY_MS)
      .sort((one, other) => askedAt(one) - askedAt(other))
      .slice(0, ASKED_AT_ONCE)
    for (const { machineId } of due) asked.set(machineId, { ...asked.get(machineId), at: now })
    await Promise.all(
      due.map((each) =>
        look(each).catch((error) =>
          logger.warn({ err: error, machineId: each.machineId }, 'downloads of a machine could not be noted'),
        ),
      ),
    )
  }
}
