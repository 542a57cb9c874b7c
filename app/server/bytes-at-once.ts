import type { Response } from 'express'

/** Counts the bytes of large bodies until they are answered: that long they are in memory. */
export function bytesAtOnce({ ofOneMax, ofAllMax }: { ofOneMax: number; ofAllMax: number }) {
  const byUser = new Map<string, number>()
  let ofAll = 0
  const add = (userId: string, bytes: number) => {
    ofAll += bytes
    const ofOne = (byUser.get(userId) ?? 0) + bytes
    if (ofOne) byUser.set(userId, ofOne)
    else byUser.delete(userId)
  }
  /** @returns whose bytes are too many; undefined where there is room, which is taken until the answer has ended */
  return (userId: string, bytes: number, res: Pick<Response, 'once'>): 'of one' | 'of all' | undefined => {
    if ((byUser.get(userId) ?? 0) + bytes > ofOneMax) return 'of one'
    if (ofAll + bytes > ofAllMax) return 'of all'
    add(userId, bytes)
    res.once('close', () => add(userId, -bytes))
    return undefined
  }
}
