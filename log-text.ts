/** ECMA-48: what a terminal takes as orders. OSC ends with BEL or ST; every other sequence by its last byte. */
export const SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[PX^_][^\x1b\n]*(?:\x1b\\)?|[ -/]*[0-~])/g
/** Also those that turn the direction of text around, and so what it seems to say. */
export const UNSEEN = /[^\P{Cc}\t]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
const CARRIAGE_RETURN = 13

/** Output as text for reading: without colours, each progress bar as it stood last, and nothing invisible. */
export const plainText = (output: string): string => output.split('\n').map(plainLine).join('\n')

/** One line of it, without its end. */
export function plainLine(line: string): string {
  let end = line.length
  // No expression: looking for an end that is far away takes the square of the length.
  while (end && line.charCodeAt(end - 1) === CARRIAGE_RETURN) end--
  const shown = line.slice(0, end)
  return shown
    .slice(shown.lastIndexOf('\r') + 1)
    .replace(SEQUENCES, '')
    .replace(UNSEEN, '\ufffd')
}
