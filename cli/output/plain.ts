/** A sequence that moves a terminal's cursor, colours it or writes its clipboard, as far as it has come. */
const BEGUN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /\u001b(?:\[[0-?]*[ -/]*|[\]PX^_][^\u0007\u001b]*\u001b?)?$/u
const HELD_MAX = 4096

/**
 * Text from elsewhere for a terminal: without the control characters that move its cursor, write its clipboard or
 * turn its lines round. Line breaks and tabs stay.
 */
export const plain = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|.)/gu, '')
    .replace(/(?![\n\t])\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')

/** The same for text that comes in parts: a sequence split between two is taken out all the same. */
export function plainParts(): (part: string) => string {
  let held = ''
  return (part) => {
    const text = held + part
    const begun = BEGUN.exec(text)?.[0] ?? ''
    held = begun.length > HELD_MAX ? '' : begun
    return plain(text.slice(0, text.length - held.length))
  }
}

/** JSON that reads the same, with nothing in it that a terminal would act upon. */
export const plainJson = (value: unknown, indent?: number): string =>
  (JSON.stringify(value, null, indent) ?? 'null').replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
