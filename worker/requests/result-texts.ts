const TEXTS_MAX = 100
const CHARACTERS_MAX = 20_000

/** Texts that come out of a request, by output, bounded. */
export class ResultTexts {
  readonly #all = new Map<string, string[]>()
  #count = 0
  #tooMany = 0

  /** @param secretIn what a person calls the secret that a text holds */
  constructor(private readonly secretIn: (text: string) => string | undefined) {}

  get isEmpty(): boolean {
    return this.#all.size === 0
  }

  add(output: string, text: string): void {
    this.#count += 1
    if (this.#count > TEXTS_MAX) {
      this.#tooMany += 1
      return
    }
    // Looked for in all of it: a half of a token would pass.
    const held = this.secretIn(text)
    this.note(output, held ? `A text that holds your ${held} token was left out.` : cut(text))
  }

  /** Says what was left out of an output; counts no more than the files do. */
  note(output: string, text: string): void {
    this.#all.set(output, [...(this.#all.get(output) ?? []), text])
  }

  all(): Record<string, string[]> {
    const [last] = [...this.#all.keys()].slice(-1)
    if (this.#tooMany && last !== undefined)
      this.note(last, `${this.#tooMany} more texts were left out; ${TEXTS_MAX} are kept of a request.`)
    return Object.fromEntries(this.#all)
  }
}

/** Never in the middle of a character. */
const cut = (text: string) =>
  text.length <= CHARACTERS_MAX
    ? text
    : `${text.slice(0, CHARACTERS_MAX - 1).replace(/[\ud800-\udbff]$/, '')}…`
