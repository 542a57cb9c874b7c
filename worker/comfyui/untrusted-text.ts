import { plainText } from '../../log-text'

/** What a machine says as one line of text: nothing invisible, and no longer than `max`. */
export function line(said: unknown, max = 300): string {
  if (typeof said !== 'string') return ''
  return shorten(
    plainText(said.slice(0, 4 * max))
      .replace(/\s+/g, ' ')
      .trim(),
    max,
  )
}

/** The end of what a machine says in several lines, as a traceback tells most there. */
export const lastLines = (said: string, max: number): string => plainText(said.slice(-max)).trim()

const shorten = (text: string, max: number) => (text.length > max ? `${text.slice(0, max - 1)}…` : text)

/** A text that is itself what was asked for: it keeps its lines, and loses only what no text holds. */
export const content = (said: string, max: number): string =>
  said.slice(0, max).replace(/[^\P{Cc}\t\n\r]/gu, '')

/** A name that goes back to where it came from must stay as it is. */
export const isPlainName = (name: string, max: number): boolean => name.length <= max && !/\p{Cc}/u.test(name)
