import { tracked } from '@trpc/server'
import * as z from 'zod'
import { details, overview } from './machine-details'
import { userProcedure } from './trpc'
import { wakeups } from './wakeups'

const reading = userProcedure.meta({ scope: 'machines:read' })
const watchInput = z.object({ id: z.string().max(64), lastEventId: z.string().max(40).optional() })

type Stops = ReturnType<typeof details>['stops']

/** Whoever uses a machine puts its end off, and no event says so. */
const lookAgainAfter = (machines: readonly { stops: Stops }[]): number | undefined =>
  machines.some(({ stops }) => stops?.reason === 'idle') ? 60_000 : undefined

/**
 * The machine as it is, and again whenever something about it changes; each by the id of its last event.
 * Who comes back with the last one that they got hears of what came after it.
 */
export const watch = reading.input(watchInput).subscription(async function* ({ ctx, input, signal }) {
  const { id: userId } = ctx.user
  let told = input.lastEventId
  let waits = false
  let stops: Stops = null
  for await (const _ of wakeups(
    ctx.changes,
    userId,
    (id) => id === input.id,
    signal,
    () => waits,
    () => lookAgainAfter([{ stops }]),
  )) {
    const machine = details(ctx, userId, input.id)
    // Its place changes with what becomes of others.
    waits = machine.queue !== null
    stops = machine.stops
    const besides = machine.queue?.message ?? (stops?.reason === 'idle' ? stops.at : undefined)
    const id = [machine.events.at(-1)?.id ?? 0, ...(besides ? [besides] : [])].join()
    if (id === told) continue
    told = id
    yield tracked(id, machine)
  }
})

/** The list as it is, and again whenever one of its machines changes. */
export const watchList = reading.subscription(async function* ({ ctx, signal }) {
  let waits = false
  let shown: ReturnType<typeof overview> = []
  for await (const _ of wakeups(
    ctx.changes,
    ctx.user.id,
    () => true,
    signal,
    () => waits,
    () => lookAgainAfter(shown),
  )) {
    shown = overview(ctx, ctx.user.id)
    waits = shown.some(({ queue }) => queue !== null)
    yield shown
  }
})
