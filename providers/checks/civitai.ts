import * as z from 'zod'
import { PROVIDERS } from '../registry'
import type { ValidToken } from '../token-check'

const word = z.string().nullish().catch(undefined)
const schema = z.object({
  id: z.union([z.number(), z.string()]),
  username: z.string().min(1),
  tier: word,
  status: word,
  /** Also numbers and lists are met; only words tell a person something. */
  tokenScope: word,
})

/** @param answer of `me`; `undefined` when it is not of that shape */
export function readMe(answer: unknown): ValidToken | undefined {
  const parsed = schema.safeParse(answer)
  if (!parsed.success) return undefined
  const { username, tier, status, tokenScope } = parsed.data
  const isRestricted = status === 'muted' || status === 'banned'
  return {
    state: 'valid',
    account: username,
    role: [tier && `${tier} tier`, tokenScope].filter(Boolean).join(', ') || null,
    expiresAt: null,
    warnings: isRestricted
      ? [
          {
            code: 'account_restricted',
            message: `Civitai has ${status} this account, so that downloads may fail whatever the token. Ask Civitai about it.`,
            link: { href: PROVIDERS.civitai.tokenPage, label: 'Your Civitai account' },
          },
        ]
      : [],
  }
}
