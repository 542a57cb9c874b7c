import { visibleName } from './visible-name'

/**
 * @param before paths that were deleted
 * @param now where they are after they came back: beside what had taken a name, under another one
 */
export function restoredSentence(what: string, before: readonly string[], now: readonly string[]): string {
  const old = new Set(before)
  const [first, ...others] = now.filter((path) => !old.has(path))
  if (first === undefined) return `Restored ${what}.`
  const name = visibleName(first.slice(first.lastIndexOf('/') + 1))
  const renamed =
    others.length === 0 ? `as ${name}` : `${others.length + 1} of them with “(restored)” in the name`
  return `Restored ${what}, ${renamed}, since something else is called that now.`
}
