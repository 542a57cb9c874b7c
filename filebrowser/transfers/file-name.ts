const BYTES_MAX = 255
// Control characters, what separates parts of a path, halves of characters, and what turns the reading direction.
const REFUSED = /[\p{Cc}\p{Cs}/\\\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu
const EXTENSION = /\.[\w-]{1,16}$/

/**
 * Makes the name that a source gives into one that a file may have: no part of a path, nothing invisible, none of
 * our own names, at most 255 bytes with the extension kept.
 */
export function safeName(given: string): string {
  const parts = given.split(/[/\\]/)
  const last = parts.findLast((part) => part.replace(REFUSED, '').trim() !== '') ?? ''
  const name = last.replace(REFUSED, '').trim()
  if (/^\.*$/.test(name)) return 'download'
  return shorten(/^\.+slipway/i.test(name) ? name.replace(/^\.+/, '') : name)
}

function shorten(name: string): string {
  if (Buffer.byteLength(name) <= BYTES_MAX) return name
  const extension = EXTENSION.exec(name)?.[0] ?? ''
  const characters = [...name.slice(0, name.length - extension.length)]
  let length = Buffer.byteLength(name)
  while (length > BYTES_MAX) length -= Buffer.byteLength(characters.pop() ?? '')
  return characters.join('') + extension
}
