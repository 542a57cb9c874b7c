const SHORTEST_SCRUBBED = 4

/** What stands where a secret was. */
export const HIDDEN = '[secret]'

/**
 * Takes secrets out of text by their value, also where they stand URL-encoded, in JSON or in base64.
 * @returns the text with each of them replaced by `[secret]`
 */
export const scrub = (text: string, secrets: readonly string[]): string =>
  secretForms(secrets).reduce((clean, form) => clean.replaceAll(form, HIDDEN), text)

/** Every way in which the secrets are looked for, the longest first. Too short ones are none. */
export function secretForms(secrets: readonly string[]): string[] {
  const forms = secrets
    .filter((secret) => secret.length >= SHORTEST_SCRUBBED)
    .flatMap((secret) => [secret, ...urlForms(secret), ...jsonForms(secret), ...base64Forms(secret)])
  return [...new Set(forms)].sort((a, b) => b.length - a.length)
}

/** As browsers, forms and Python's `quote` write it; some in lower case. */
function urlForms(secret: string): string[] {
  const component = encodeURIComponent(secret)
  const strict = component.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
  const form = new URLSearchParams({ '': secret }).toString().slice(1)
  return [component, strict, strict.replaceAll('%2F', '/'), form].flatMap((text) => [
    text,
    text.replace(/%../g, (code) => code.toLowerCase()),
  ])
}

function jsonForms(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  return [json, json.replaceAll('/', '\\/')]
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
