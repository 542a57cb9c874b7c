import { defaultFilter } from 'cmdk'
import { type Entry, GROUPS } from './entries'

/** What else finds an entry counts less than its title. */
const OF_WORDS = 0.6
/** Recent choices come before what fits as well. */
const OF_RECENT = 1.2
/** Letters that merely occur somewhere find nothing. */
const LEAST = 0.1

interface Group {
  name: string
  entries: Entry[]
}

/** What fits what is typed, the best first, in its groups, of which the one with the best is first. */
export function rank(entries: readonly Entry[], search: string, recentIds: readonly string[]): Group[] {
  const scored = entries
    .map((entry) => ({
      entry,
      score: scoreOf(entry, search) * (recentIds.includes(entry.id) ? OF_RECENT : 1),
    }))
    .filter(({ score }) => score >= LEAST)
    .sort((a, b) => b.score - a.score)
    .map(({ entry }) => entry)
  return [...new Set(scored.map(({ group }) => group))].map((name) => ({
    name,
    entries: scored.filter(({ group }) => group === name),
  }))
}

/** By the word that fits least, so that their order doesn't matter. */
const scoreOf = (entry: Entry, search: string) =>
  Math.min(...search.split(/\s+/).map((word) => scoreOfWord(entry, word)))

const scoreOfWord = ({ title, note = '', words = '' }: Entry, word: string) =>
  Math.max(
    defaultFilter(title, word),
    ` ${note} ${words}`.toLowerCase().includes(` ${word.toLowerCase()}`) ? OF_WORDS : 0,
  )

/** Before anything is typed: recent choices, then the rest of what isn't there for searching alone. */
export function unsought(entries: readonly Entry[], recentIds: readonly string[]): Group[] {
  const latest = recentIds.flatMap((id) => entries.find((entry) => entry.id === id) ?? [])
  const rest = entries.filter((entry) => !entry.isForSearch && !latest.includes(entry))
  return [
    { name: 'Recent', entries: latest },
    ...GROUPS.map((name) => ({ name, entries: rest.filter(({ group }) => group === name) })),
  ].filter(({ entries }) => entries.length > 0)
}
