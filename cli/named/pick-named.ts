import { CliError, EXIT } from '../exits'
import { cut } from '../output/text-width'

interface Named {
  id: string
  name: string
}

const PREFIX_MIN = 4
const SHOWN_MAX = 60

/**
 * The one that somebody means by an id, by the beginning of one, or by a name.
 * @param isOver whether this one goes by its name only where no other does
 * @returns undefined when there is none
 * @throws CliError `usage` listing them when there are several
 */
export function pickNamed<T extends Named>(
  all: readonly T[],
  given: string,
  isOver: (one: T) => boolean = () => false,
): T | undefined {
  const exact = all.find(({ id }) => id === given)
  if (exact) return exact
  const called = all.filter(({ name }) => name === given)
  const current = called.filter((one) => !isOver(one))
  const meant = current.length > 0 ? current : called
  const found = all.filter(
    (one) => (given.length >= PREFIX_MIN && one.id.startsWith(given)) || meant.includes(one),
  )
  if (found.length < 2) return found[0]
  const listed = found.map(({ id, name }) => `  ${id}  ${name}`).join('\n')
  throw new CliError(EXIT.usage, `${quoted(given)} can be each of these; give the id of one:\n${listed}`)
}

export const quoted = (given: string) => `“${cut(given, SHOWN_MAX)}”`

/** As the server makes ids, so that it may know one that its lists no longer have. */
export const isWholeId = (given: string) => /^[a-z2-7]{16}$/.test(given)
