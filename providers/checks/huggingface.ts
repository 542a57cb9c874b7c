import * as z from 'zod'
import { GATED_READ_BOX, NEW_GATED_TOKEN } from '../gated-read'
import { PROVIDERS } from '../registry'
import type { GatedRead, TokenWarning, ValidToken } from '../token-check'

const DAY_MS = 24 * 60 * 60 * 1000
const SOON_MS = 7 * DAY_MS

const fineGrained = z.object({
  canReadGatedRepos: z.boolean().nullish().catch(undefined),
  scoped: z
    .array(z.object({ permissions: z.array(z.string()).catch([]) }))
    .nullish()
    .catch(undefined),
})
const accessToken = z.object({
  role: z.string().nullish().catch(undefined),
  expiration: z.string().nullish().catch(undefined),
  fineGrained: fineGrained.nullish().catch(undefined),
})
const schema = z.object({
  name: z.string().min(1),
  auth: z.object({ accessToken: accessToken.nullish().catch(undefined) }),
})

const TOKENS = { href: PROVIDERS.huggingface.tokenPage, label: 'Your Hugging Face tokens' }

/** @param answer of `whoami-v2`; `undefined` when it is not of that shape */
export function readWhoAmI(answer: unknown, now: number): ValidToken | undefined {
  const parsed = schema.safeParse(answer)
  if (!parsed.success) return undefined
  const { name, auth } = parsed.data
  const token = auth.accessToken
  const expiresAt = Date.parse(token?.expiration ?? '')
  const gatedRead = token ? readsGated(token) : 'unknown'
  const warnings: TokenWarning[] = []
  if (token?.role === 'write')
    warnings.push({
      code: 'write_token',
      message:
        'This token may also write. Machines only read: one of the type Read does less harm if it leaks.',
      link: TOKENS,
    })
  if (gatedRead === 'no')
    warnings.push({
      code: 'lacks_gated_read',
      message: `This fine-grained token may not read gated models, so that they answer 403 although you have accepted their terms. Tick “${GATED_READ_BOX}” in its settings; the token itself stays the same.`,
      link: NEW_GATED_TOKEN,
    })
  if (expiresAt - now < SOON_MS)
    warnings.push({
      code: 'expires_soon',
      message: `It expires on ${new Date(expiresAt).toISOString().slice(0, 10)}. Make a new one before, and replace it here.`,
      link: TOKENS,
    })
  return {
    state: 'valid',
    account: name,
    role: token?.role ?? null,
    expiresAt: Number.isNaN(expiresAt) ? null : new Date(expiresAt).toISOString(),
    warnings,
    gatedRead,
  }
}

function readsGated({ role, fineGrained }: z.infer<typeof accessToken>): GatedRead {
  if (role === 'read' || role === 'write') return 'yes'
  if (role !== 'fineGrained') return 'unknown'
  if (fineGrained?.canReadGatedRepos) return 'yes'
  // That right is one to the named owners' repositories, which nobody can tell from here.
  const isScoped = fineGrained?.scoped?.some(({ permissions }) => permissions.includes('repo.content.read'))
  return isScoped ? 'unknown' : 'no'
}
