const SHORTEST_SCRUBBED = 4

/**
 * Takes secrets out of text by their value, also where they stand URL-encoded, in JSON or in base64.
 * @returns the text with each of them replaced by `[secret]`
 */
export function scrub(text: string, secrets: readonly string[]): string {
  const forms = secrets
    .filter((secret) => secret.length >= SHORTEST_SCRUBBED)
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      ...base64Forms(secret),
    ])
    .sort((a, b) => b.length - a.length)
  return forms.reduce((clean, form) => clean.replaceAll(form, '[secret]'), text)
}

/** What is sure to appear of the secret when it is encoded alone or in the middle of a longer text. */
function base64Forms(secret: string): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.from('\0'.repeat(offset) + secret)
      .toString('base64')
      .replace(/=+$/, '')
    const stable = encoded.slice(offset && offset + 1, encoded.length - 1)
    return stable.length < 8 ? [] : [stable, stable.replaceAll('+', '-').replaceAll('/', '_')]
  })
}
