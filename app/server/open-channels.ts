import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** How long what is open may outlast the right to it, where nobody said that the right has ended. */
const RECHECK_EVERY_MS = 15_000

/** Sockets and streams that live longer than the check of the request that opened them. */
export interface OpenChannels {
  /** @param mayStay asked again while the channel is open; false closes it */
  watch(channel: Duplex | ServerResponse, mayStay: () => boolean): void
  /** Asks for all of them now: somebody's right to something has ended. */
  recheck(): void
  /** Ends asking. */
  close(): void
}

/** @param onError what could not be found out this time leaves the channel open until the next */
export function openChannels({
  everyMs = RECHECK_EVERY_MS,
  onError,
}: {
  everyMs?: number
  onError(error: unknown): void
}): OpenChannels {
  const open = new Map<Duplex | ServerResponse, () => boolean>()
  const recheck = () => {
    for (const [channel, mayStay] of open)
      try {
        if (!mayStay()) channel.destroy()
      } catch (error) {
        onError(error)
      }
  }
  const timer = setInterval(recheck, everyMs)
  return {
    watch(channel, mayStay) {
      open.set(channel, mayStay)
      channel.once('close', () => open.delete(channel))
    },
    recheck,
    close: () => clearInterval(timer),
  }
}
