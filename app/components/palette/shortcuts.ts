export interface Shortcut {
  /** Pressed one after another. */
  keys: readonly string[]
  does: string
}

/** Where a page is reached with two keys. */
export interface GoShortcut extends Shortcut {
  to: string
  forAdmins?: true
}

/** The keyboard shortcuts: what listens, the help and the palette's hints all read them here. */
export const GO_TO: readonly GoShortcut[] = [
  { keys: ['g', 'm'], does: 'Machines', to: '/machines' },
  { keys: ['g', 'o'], does: 'Models', to: '/models' },
  { keys: ['g', 'r'], does: 'Requests', to: '/requests' },
  { keys: ['g', 's'], does: 'Saves', to: '/saves' },
  { keys: ['g', 'p'], does: 'Profile', to: '/profile' },
  { keys: ['g', 'a'], does: 'Admin', to: '/admin', forAdmins: true },
]
export const SEARCH: Shortcut = { keys: ['/'], does: 'Search this page' }
export const HELP: Shortcut = { keys: ['?'], does: 'Show keyboard shortcuts' }

/** Together with Ctrl or ⌘, and so also while somebody types. */
export const PALETTE_KEY = 'k'

/** The shortcuts of single keys that somebody may use. */
export const singleKeys = (isAdmin: boolean): (Shortcut | GoShortcut)[] => [
  ...GO_TO.filter(({ forAdmins }) => isAdmin || !forAdmins),
  SEARCH,
  HELP,
]

const NEXT_KEY_WITHIN_MS = 1500

/**
 * Follows keys as they are pressed.
 * @returns what to tell each key to, with when it was pressed; it answers the shortcut that is complete with it
 */
export function followKeys<T extends Shortcut>(shortcuts: readonly T[]) {
  let begun: { key: string; at: number } | undefined
  return (key: string, at: number): T | undefined => {
    const first = begun && at - begun.at <= NEXT_KEY_WITHIN_MS ? [begun.key] : []
    const complete = [[...first, key], [key]]
      .map((pressed) => shortcuts.find(({ keys }) => keys.join(' ') === pressed.join(' ')))
      .find(Boolean)
    const begins = !complete && shortcuts.some(({ keys }) => keys.length > 1 && keys[0] === key)
    begun = begins ? { key, at } : undefined
    return complete
  }
}
