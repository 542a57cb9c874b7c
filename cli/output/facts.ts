import { oneLine } from './one-line'
import { padded, textWidth } from './text-width'

/**
 * What is known of one thing, a line each, as `name  value`; several values stand below each other.
 * @param facts those without a value are left out
 */
export function facts(
  ...given: [name: string, value: string | readonly string[] | null | undefined][]
): string {
  const known = given.flatMap(([name, value]) => {
    const values = typeof value === 'string' ? [value] : (value ?? [])
    return values.map((one, at) => ({ name: at === 0 ? name : '', value: one }))
  })
  const width = Math.max(0, ...known.map(({ name }) => textWidth(name)))
  return known.map(({ name, value }) => `${padded(name, width)}  ${oneLine(value)}`).join('\n')
}
