const SENTENCES_MAX = 50

/** Collects sentences for a person, as many as can be read. */
export function notebook(): { write(sentence: string): void; text(): string | null } {
  const sentences: string[] = []
  let more = 0
  return {
    write(sentence) {
      if (sentences.length < SENTENCES_MAX) sentences.push(sentence)
      else more++
    },
    text: () => (sentences.length ? [...sentences, ...(more ? [`And ${more} more.`] : [])].join('\n') : null),
  }
}
