import { PROVIDERS } from '../registry'

const prefixes: string[] = Object.values(PROVIDERS).flatMap((provider) => [...provider.prefixes])
const TOKEN = new RegExp(`(?:^|[^A-Za-z0-9])(?:${prefixes.join('|')})[A-Za-z0-9]{20,}|^[0-9a-f]{32}$`, 'i')

/** Whether a part of what somebody pasted is, as far as its looks tell, an issuer's token. */
export const looksLikeToken = (part: string): boolean => TOKEN.test(part)
