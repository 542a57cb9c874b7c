import type { RequestSource } from '../../db/sessions'
import { describeBrowser } from './describe-browser'

const LENGTH_MAX = 60

/**
 * What people read a program by: what it calls itself, or else its User-Agent. What could change how a page or
 * a terminal reads is left out.
 * @param otherwise for a program that says nothing at all
 */
export function deviceName(given: string, { userAgent }: RequestSource, otherwise: string): string {
  return plain(given) || (userAgent && plain(describeBrowser(userAgent))) || otherwise
}

const plain = (text: string) =>
  [...text.replace(/\s+/g, ' ').replace(/\p{C}/gu, '').trim()].slice(0, LENGTH_MAX).join('').trim()
