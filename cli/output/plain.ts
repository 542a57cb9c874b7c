import { SEQUENCES, UNSEEN } from '../../log-text'

/**
 * Text from elsewhere for a terminal: without the control characters that move its cursor, write its clipboard or
 * turn its lines round. Line breaks and tabs stay.
 */
export const plain = (text: string): string =>
  text.replace(SEQUENCES, '').replace(UNSEEN, (sign) => (sign === '\n' ? sign : ''))

/** JSON that reads the same, with nothing in it that a terminal would act upon. */
export const plainJson = (value: unknown, indent?: number): string =>
  (JSON.stringify(value, null, indent) ?? 'null').replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
