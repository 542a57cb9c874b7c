/**
 * What a browser keeps for the palette. One that keeps nothing, as in some private windows, loses it with the page.
 */
function kept<T>(name: string, read: (text: string | null) => T, write: (value: T) => string) {
  let inPage: string | undefined
  return {
    get(): T {
      try {
        return read(inPage ?? localStorage.getItem(name))
      } catch {
        return read(null)
      }
    },
    set(value: T): void {
      inPage = write(value)
      try {
        localStorage.setItem(name, inPage)
        inPage = undefined
      } catch {}
    },
  }
}

/** Whether single keys are shortcuts in this browser: whoever speaks to it presses keys without meaning to. */
export const singleKeysOn = kept<boolean>(
  'slipway.single-keys',
  (text) => text !== 'off',
  (isOn) => (isOn ? 'on' : 'off'),
)

const RECENT_MAX = 5
const recentIds = kept<string[]>(
  'slipway.recent',
  (text) => {
    const found: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(found) ? found.filter((id) => typeof id === 'string').slice(0, RECENT_MAX) : []
  },
  JSON.stringify,
)

/** What was chosen in the palette, the latest first, by the ids of its entries. */
export const recent = {
  get: recentIds.get,
  add: (id: string) =>
    recentIds.set([id, ...recentIds.get().filter((one) => one !== id)].slice(0, RECENT_MAX)),
}
