/**
 * Credentials of HTTP Basic, which OAuth has form-encoded inside (RFC 6749 section 2.3.1).
 * @returns undefined without any; what can't be read is nobody's
 */
export function basicCredentials({ headers }: Request): { id: string; secret: string } | undefined {
  const [, encoded] = /^basic\b *(.*)$/i.exec(headers.get('authorization')?.trim() ?? '') ?? []
  if (encoded === undefined) return undefined
  const [id = '', ...secret] = Buffer.from(encoded, 'base64').toString().split(':')
  try {
    return { id: formDecoded(id), secret: formDecoded(secret.join(':')) }
  } catch {
    return { id: '', secret: '' }
  }
}

const formDecoded = (text: string) => decodeURIComponent(text.replaceAll('+', ' '))
