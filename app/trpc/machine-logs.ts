import { setTimeout as pause } from 'node:timers/promises'
import { tracked } from '@trpc/server'
import * as z from 'zod'
import { getMachine } from '../../db/machines'
import { SERVICE_NAMES, SERVICES_OF, type ServiceName } from '../../db/schema'
import { AppError, notFound } from '../../errors'
import { listLogs, logExtent, logFolder, type ServiceLog } from '../../log-files'
import type { Context } from './context'
import { servicesHere } from './launch-view'
import { type LogPage, pageAfter, pageBefore, searchBefore } from './log-pages'
import { userProcedure } from './trpc'

const LOOK_EVERY_MS = 250
const CURSOR = /^(\d{1,9})([<>])(\d{1,15})$/

const logInput = z.object({
  id: z.string().max(64),
  /** The machine's first when left out. */
  service: z.enum(SERVICE_NAMES, `must be one of ${SERVICE_NAMES.join(', ')}`).optional(),
  /** The latest when left out. */
  attempt: z.number().int().min(1).max(999_999_999).optional(),
  /** As an earlier answer named it in `older` or `newer`; `start` is the oldest that is kept. */
  cursor: z
    .string()
    .regex(/^(start|\d{1,9}[<>]\d{1,15})$/, 'is none that an answer named; leave it out for the newest')
    .optional(),
})

const reading = userProcedure.meta({ scope: 'machines:read' })

/** What the machine's services print, without secrets. Without a cursor the newest of it. */
export const logs = reading
  .input(logInput.extend({ search: z.string().max(200, 'has more than 200 characters').optional() }))
  .query(async ({ ctx, input }) => {
    const { log, ...rest } = await findLog(ctx, ctx.user.id, input)
    const page = await readPage(log, input)
    return { ...pageView(log, page), ...rest }
  })

/** The same as it is printed, from the cursor on. */
export const watchLogs = reading
  .input(logInput.extend({ lastEventId: z.string().regex(CURSOR).nullish() }))
  .subscription(async function* ({ ctx, input, signal }) {
    const cursor = input.lastEventId ?? input.cursor
    const { log } = await findLog(ctx, ctx.user.id, { ...input, cursor })
    let page = await readPage(log, { cursor })
    while (!signal?.aborted) {
      if (page.text) {
        const view = pageView(log, page)
        yield tracked(view.newer, view)
      } else await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)
      page = await pageAfter(log, page.to)
    }
  })

interface Wanted {
  id: string
  service?: ServiceName | undefined
  attempt?: number | undefined
  cursor?: string | undefined
}

/** Which log it is, and which others this machine has. */
async function findLog(ctx: Context, userId: string, { id, ...wanted }: Wanted) {
  const machine = getMachine(ctx.db, userId, id)
  if (!machine) throw notFound('machine')
  const folder = logFolder(ctx.dataDir, id)
  const written = await listLogs(folder)
  const here = servicesHere(ctx.policy, machine.kind)
  const services = SERVICES_OF[machine.kind].filter(
    (name) => here.includes(name) || written.some(({ service }) => service === name),
  )
  const service = wanted.service ?? services[0]
  if (!service || !SERVICES_OF[machine.kind].includes(service))
    throw new AppError('bad_input', `This machine has no ${wanted.service ?? 'services'}.`, {
      field: 'service',
    })
  const attempts = written.filter((log) => log.service === service).map(({ attempt }) => attempt)
  const [, ofCursor] = CURSOR.exec(wanted.cursor ?? '') ?? []
  const attempt = ofCursor ? Number(ofCursor) : (wanted.attempt ?? machine.attempt)
  return { log: { folder, service, attempt }, services, attempts }
}

async function readPage(
  log: ServiceLog,
  { cursor, search }: { cursor?: string | undefined; search?: string | undefined },
): Promise<LogPage> {
  const [, , direction, place] = CURSOR.exec(cursor ?? '') ?? []
  if (cursor === 'start') return pageAfter(log, 0)
  if (direction === '>') return pageAfter(log, Number(place))
  const before = place === undefined ? Number.MAX_SAFE_INTEGER : Number(place)
  return search ? searchBefore(log, before, search) : pageBefore(log, before)
}

function pageView(log: ServiceLog, { text, from, to }: LogPage) {
  const { oldest, size } = logExtent(log)
  return {
    service: log.service as ServiceName,
    attempt: log.attempt,
    text,
    /** Where the text stands, in bytes from the log's beginning, and how many there are by now. */
    from,
    to,
    size,
    /** So many bytes at the beginning are no longer kept. */
    dropped: oldest,
    /** Cursor of what came before the text; null when that is all. */
    older: from > oldest ? `${log.attempt}<${from}` : null,
    /** Cursor of what comes after it. */
    newer: `${log.attempt}>${to}`,
  }
}
