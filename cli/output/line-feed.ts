import { plainLine } from '../../log-text'

/** A line without an end is held back up to this length, and printed in parts from there on. */
const HELD_MAX = 64 * 1024

/**
 * Makes whole lines of text that comes in parts, so that nothing which ends a sequence of a terminal can come
 * in the part after it.
 * @param print gets each line once, without control characters; of a bar that is drawn over itself the last state
 */
export function lineFeed(print: (line: string) => void) {
  let held = ''
  const end = () => {
    if (held) print(plainLine(held))
    held = ''
  }
  return {
    add(text: string) {
      const lines = (held + text).split('\n')
      held = shortened(lines.pop() ?? '')
      for (const line of lines) print(plainLine(line))
      if (held.length > HELD_MAX) end()
    },
    /** Prints what has no end of a line yet. */
    end,
  }
}

/** Without what a carriage return has taken back; the last one may yet belong to the line's end. */
const shortened = (line: string) => line.slice(line.lastIndexOf('\r', line.length - 2) + 1)
