const CHARACTERS_MAX = 120
/** Less than file systems take, so that there is room for a number. */
const BYTES_MAX = 240
/** Of a longer one the end tells. */
const LOOKED_AT = 1000
const EXTENSION = /\.[\w-]{1,16}$/
/** What is invisible or turns the reading direction, and what Windows refuses. */
const REFUSED = /[\p{C}\p{Zl}\p{Zp}<>:"|?*]/gu
const WINDOWS_DEVICE = /^(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])\s*(\.|$)/i

/** Makes whatever a program calls a file into a name that it may have on any system: one part of a path, visible. */
export function plainName(given: string): string {
  const last = given.slice(-LOOKED_AT).split(/[/\\]/).at(-1) ?? ''
  const name = last
    .normalize('NFC')
    .replace(REFUSED, '')
    .replace(/^[.\s]+|[.\s]+$/g, '')
  return shorten(WINDOWS_DEVICE.test(name) ? `_${name}` : name || 'result')
}

/** @param taken names that are given already, in lower case; this one joins them */
export function uniqueName(name: string, taken: Set<string>): string {
  const extension = EXTENSION.exec(name)?.[0] ?? ''
  const stem = name.slice(0, name.length - extension.length)
  let unique = name
  for (let number = 2; taken.has(unique.toLowerCase()); number++) unique = `${stem}-${number}${extension}`
  taken.add(unique.toLowerCase())
  return unique
}

function shorten(name: string): string {
  const extension = EXTENSION.exec(name)?.[0] ?? ''
  const stem = [...name.slice(0, name.length - extension.length)].slice(0, CHARACTERS_MAX)
  const whole = () => stem.join('') + extension
  // Room for a number here too; and no end that Windows drops.
  while (
    whole().length > CHARACTERS_MAX - 4 ||
    Buffer.byteLength(whole()) > BYTES_MAX ||
    /[.\s]$/.test(whole())
  )
    stem.pop()
  return whole()
}
