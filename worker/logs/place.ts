/** How far output was read whose entries carry the time at which they were printed. */
export interface Place {
  /** Ask for entries from this time on; null for all. */
  since: string | null
  /** The time of the first of those; without it some were dropped at their source in the meantime. */
  first: string | null
  /** So many of them have been read. */
  seen: number
}

/** Entries of standard output and standard error may swap places by less than this. */
const DISORDER_MS = 1000

const BEGINNING: Place = { since: null, first: null, seen: 0 }

/**
 * Counts entries, so that reading can be taken up later, without loss and without doubles. Where both
 * can't be had, as some entries were dropped at their source, what may be a double is kept.
 * @param from where the last reader was; the entries that come are those from its `since` on
 */
export function placeKeeper(from: Place = BEGINNING) {
  let older = { since: from.since, first: from.first, seen: 0 }
  let newer = { ...older }
  let newest = ''
  let known = from.seen
  let isFirst = true

  return {
    /**
     * @param time in ISO 8601, all of one length
     * @returns whether the entry is new
     */
    pass(time: string): boolean {
      if (isFirst) {
        if (time !== from.first) known = 0
        older.first = newer.first = time
        isFirst = false
      }
      // Only a time later than all before is a good beginning: whatever is printed from now on follows it.
      if (time > newest) {
        newest = time
        if (Date.parse(time) - Date.parse(newer.first ?? time) > DISORDER_MS) {
          older = newer
          newer = { since: time, first: time, seen: 0 }
        }
      }
      for (const place of [older, newer]) if (place.since === null || time >= place.since) place.seen++
      if (!known) return true
      known--
      return false
    },

    /** Where the next reader goes on. */
    get place(): Place {
      return known || isFirst ? from : { ...older }
    },
  }
}
