import { HIDDEN, secretForms } from '../../scrub'

/** A broken-off form this short says nothing: it may as well be the beginning of a word. */
const SHORTEST_HIDDEN = 4

export interface OutputScrubber {
  /**
   * @param piece the next bytes, one character each (latin1)
   * @returns what can be told by now: all but an end that may be the beginning of a secret
   */
  push(piece: string): string
  /** @returns the rest. The beginning of a secret that never went on is hidden as well. */
  end(): string
  /** Whether everything that was pushed has been told. */
  readonly isEven: boolean
}

/**
 * Takes secrets out of output that comes in pieces, wherever it is cut: what `scrub` looks for is found
 * here too, and every byte of it is hidden, also where two of them overlap.
 */
export function outputScrubber(secrets: readonly string[]): OutputScrubber {
  const forms = secretForms(secrets).map((form) => Buffer.from(form).toString('latin1'))
  const longest = forms[0]?.length ?? 0
  let held = ''
  /** So many characters of `held` belong to a secret that was told as hidden already. */
  let hidden = 0

  /** From here on the text may be the beginning of a form. */
  function undecidedFrom(text: string): number {
    for (let at = Math.max(0, text.length - longest + 1); at < text.length; at++) {
      const rest = text.slice(at)
      if (forms.some((form) => form.length > rest.length && form.startsWith(rest))) return at
    }
    return text.length
  }

  return {
    push(piece) {
      const text = held + piece
      const decided = undecidedFrom(text)
      let told = ''
      let at = hidden
      for (const [from, to] of occurrences(text, forms)) {
        if (from >= decided) break
        if (from >= at) told += text.slice(at, from) + HIDDEN
        at = Math.max(at, to)
      }
      if (at < decided) told += text.slice(at, decided)
      held = text.slice(decided)
      hidden = Math.max(0, at - decided)
      return told
    },

    end() {
      const rest = held.slice(hidden)
      held = ''
      hidden = 0
      return rest.length < SHORTEST_HIDDEN ? rest : HIDDEN
    },

    get isEven() {
      return held === ''
    },
  }
}

/** Where the forms stand in the text, from left to right, overlapping ones too. */
function occurrences(text: string, forms: readonly string[]): [from: number, to: number][] {
  const found: [number, number][] = []
  for (const form of forms)
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1))
      found.push([at, at + form.length])
  return found.sort(([a], [b]) => a - b)
}
