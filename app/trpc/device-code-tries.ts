import { type Actor, record } from '../../db/audit'
import { noSuchCode } from '../../db/device-grant-decisions'
import { isAppError } from '../../errors'
import { networkOf } from '../server/network-of'
import type { Context } from './context'

type Asker = Context & { user: { id: string }; by: Actor }

/** Every code counts against who types it until it turns out to be right: whoever typed too many gets no answer. */
export async function withinTries<T>(ctx: Asker, look: () => T | undefined): Promise<T> {
  const { limits, user, by, from } = ctx
  const stranger: Actor = { kind: 'visitor', id: null, name: 'Somebody', address: from.address }
  const tries = [
    { limit: 'wrong_device_codes_by_user', key: user.id, by },
    // Whoever happens to be on the same network isn't who guesses.
    { limit: 'wrong_device_codes_by_address', key: networkOf(from.address), by: stranger },
  ] as const
  const taken: (typeof tries)[number][] = []
  const giveBack = async () => {
    for (const { limit, key } of taken) await limits.giveBack(limit, key)
  }
  for (const one of tries) {
    try {
      await limits.take(one.limit, one.key)
      taken.push(one)
    } catch (error) {
      await giveBack()
      if (isAppError(error)) await raiseAlarm(ctx, `${one.limit}:${one.key}`, one.by)
      throw error
    }
  }
  const found = look()
  if (found === undefined) throw noSuchCode()
  await giveBack()
  return found
}

/** Once in a while, however long the guessing goes on. */
async function raiseAlarm({ db, limits, logger, clock }: Asker, key: string, by: Actor) {
  const isFirst = await limits.take('device_code_alarms', key).then(
    () => true,
    () => false,
  )
  if (!isFirst) return
  logger.warn({ userId: by.id, address: by.address }, 'device codes are being guessed')
  record(db, { action: 'device_codes_guessed', by }, clock)
}
