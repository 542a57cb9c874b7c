import { limited } from '../downloads/limited'

/** Does the same for all, a few at once. @returns what came of each, in order */
export function eachOf<T, R>(items: T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const inTurn = limited(4)
  return Promise.all(items.map((item) => inTurn(() => work(item))))
}
