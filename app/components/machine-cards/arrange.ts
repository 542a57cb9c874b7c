import type { Api } from '../../trpc/router'

export type ListedMachine = Awaited<ReturnType<Api['machines']['list']>>[number]

/** As many as `machines.list` answers in one page. */
const PAGE = 50
/** Of those that have ended; more would bury what runs. */
const ENDED_SHOWN = 20
const RANKS: Record<ListedMachine['status'], number> = {
  running: 0,
  starting: 1,
  queued: 1,
  stopping: 1,
  failed: 2,
  stopped: 3,
}
const isEnded = ({ status }: ListedMachine) => RANKS[status] > 1

/**
 * What runs, then what is on its way, what failed, and what was stopped; of each the newest first.
 * @param listed as the procedure answers them
 * @param which `newest` leaves out most that have ended; `older` is a later page, of those alone
 */
export function arrange(listed: readonly ListedMachine[], which: 'newest' | 'all' | 'older') {
  const ended = listed.filter(isEnded)
  const shownEnded = which === 'newest' ? ended.slice(0, ENDED_SHOWN) : ended
  const hidden = ended.length - shownEnded.length
  const live = which === 'older' ? [] : listed.filter((machine) => !isEnded(machine))
  const last = listed[PAGE - 1]
  return {
    machines: [...live, ...shownEnded].sort((one, other) => RANKS[one.status] - RANKS[other.status]),
    /** How many more of this page there are. */
    hidden,
    /** Where the next page begins; null where none is, or not all of this one is shown. */
    older: last && !hidden ? `${Date.parse(last.createdAt)}-${last.id}` : null,
  }
}
