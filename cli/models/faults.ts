import { fieldOf, textOf } from '../http/answer'
import { oneLine } from '../output/one-line'

/** @param given what a server says of each field that doesn't fit @returns a line each; none when it says nothing */
export function faultLines(given: unknown): string[] {
  if (!Array.isArray(given)) return []
  return given.flatMap((fault) => {
    const message = textOf(fault, 'message')
    if (!message) return []
    const field = fieldOf(fault, 'field')
    return oneLine(typeof field === 'string' && field ? `${field}: ${message}` : message)
  })
}
