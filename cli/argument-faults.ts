const PLAIN = /^(-{0,2}[a-z]+(-[a-z]+)*|\d{1,6})$/
const PLAIN_MAX = 24

/**
 * What commander says of arguments, as one sentence that repeats none which could be a token.
 * @param said as `error: unknown option '--toke=…'`
 */
export function argumentFault(said: string, argv: readonly string[]): string {
  const sentence = said
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .trim()
  const values = argv.flatMap((arg) => [arg, ...arg.split('=').slice(1)])
  const secret = values.filter((value) => !(value.length <= PLAIN_MAX && PLAIN.test(value)))
  return secret
    .sort((a, b) => b.length - a.length)
    .reduce((text, value) => (value ? text.replaceAll(value, () => nameOf(value)) : text), sentence)
    .replace(/^./, (letter) => letter.toUpperCase())
}

/** An option's own name is said again, so that people find it. */
const nameOf = (value: string) => {
  const name = /^--?[a-z]+(-[a-z]+)*(?==)/.exec(value)?.[0]
  return name && name.length <= PLAIN_MAX ? `${name}=…` : '…'
}
