const EXTENDED = /(?:^|;)\s*filename\*\s*=\s*(utf-8|iso-8859-1)'[^']*'([^;]+)/i
const QUOTED = /(?:^|;)\s*filename\s*=\s*"((?:\\.|[^"\\])*)"/i
const PLAIN = /(?:^|;)\s*filename\s*=\s*([^";\s][^;]*)/i

/**
 * The file's name in a Content-Disposition header, by RFC 6266: `filename*` before `filename`. It is what somebody
 * else wrote, and can be anything.
 * @returns `undefined` where there is none
 */
export function fileNameOf(header: string | undefined): string | undefined {
  if (!header) return undefined
  // What stands in quotes must not be read as a parameter.
  const [, charset = '', encoded] = EXTENDED.exec(header.replace(/"(?:\\.|[^"\\])*"/g, '""')) ?? []
  const extended = encoded && decode(encoded.trim(), charset)
  if (extended) return extended
  const quoted = QUOTED.exec(header)?.[1]?.replace(/\\(.)/g, '$1')
  // Node reads header bytes as Latin-1; what servers send without saying so is mostly UTF-8.
  const name = quoted ?? PLAIN.exec(header)?.[1]?.trim()
  return name && (asUtf8(name) ?? name)
}

function decode(encoded: string, charset: string): string | undefined {
  try {
    return /^utf-8$/i.test(charset)
      ? decodeURIComponent(encoded)
      : encoded.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  } catch {
    return undefined
  }
}

function asUtf8(text: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'latin1'))
  } catch {
    return undefined
  }
}
