import { apiOf, type Issuers } from '../issuers'
import { isIssuersOwn, signInOnTheWay } from '../issuers-own'
import { readJson, readText } from '../network/body'
import type { Answer } from '../network/network'
import { waitSeconds } from '../network/wait'
import { Refusal } from '../refusal'
import { PROVIDERS, type ProviderId } from '../registry'
import type { NotChecked, TokenCheck, ValidToken } from '../token-check'
import { readMe } from './civitai'
import { readWhoAmI } from './huggingface'
import { issuerText } from './issuer-text'

const LIMIT_MS = 10_000
const BODY_MAX = 1024 * 1024

type Read = (answer: unknown, now: number) => ValidToken | undefined
const QUESTIONS: Record<ProviderId, { path: string; read: Read }> = {
  huggingface: { path: '/api/whoami-v2', read: readWhoAmI },
  civitai: { path: '/api/v1/me', read: readMe },
}

interface CheckOptions {
  issuers: Issuers
  /** Milliseconds since 1970. */
  now: number
  signal?: AbortSignal
  limitMs?: number
}

/**
 * Asks a token's issuer whose it is. The value goes into the Authorization header of that one request and
 * nowhere else; redirects are not followed. Whatever the network does is an answer, never an exception, and
 * only the issuer's own 401 makes a token refused.
 */
export async function checkToken(
  provider: ProviderId,
  value: string,
  { issuers: { network, settings }, now, signal, limitMs = LIMIT_MS }: CheckOptions,
): Promise<TokenCheck> {
  const limit = AbortSignal.timeout(limitMs)
  let answer: Answer | undefined
  try {
    answer = await network.open({
      method: 'GET',
      url: `${apiOf(provider, settings)}${QUESTIONS[provider].path}`,
      provider,
      token: value,
      follow: 'none',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    })
    return await understand(answer, provider, value, now)
  } catch (error) {
    const reason = answer ? network.explain(error, answer) : error
    const isKnown = reason instanceof Refusal && reason.code !== 'canceled'
    return notChecked(isKnown ? reason.message : `${PROVIDERS[provider].label} could not be asked.`)
  } finally {
    answer?.body.destroy()
  }
}

async function understand(
  answer: Answer,
  provider: ProviderId,
  value: string,
  now: number,
): Promise<TokenCheck> {
  const { label } = PROVIDERS[provider]
  const { status } = answer
  const wait = waitSeconds(answer, now)
  if (status === 401)
    return isIssuersOwn(provider, answer, await readText(answer, BODY_MAX))
      ? {
          state: 'refused',
          message: `${label} refuses this token: it was mistyped, has expired or was revoked.`,
        }
      : notChecked(signInOnTheWay(provider), wait)
  if (status === 403)
    return notChecked(
      `${label} answered 403, as firewalls on the way do, and said nothing of the token.`,
      wait,
    )
  if (status === 429) return notChecked(`${label} has been asked too often.`, wait)
  if (status >= 300 && status < 400)
    return notChecked(`${label} redirects to another address, where the token was not sent.`, wait)
  if (status !== 200) return notChecked(`${label} answered with an error (${status}).`, wait)
  const valid = QUESTIONS[provider].read(readJson(await readText(answer, BODY_MAX)), now)
  if (!valid) return notChecked(`What answered for ${label} is not its API, or has changed.`)
  const clean = (text: string) => issuerText(text, value)
  return { ...valid, account: clean(valid.account), role: valid.role && clean(valid.role) }
}

const notChecked = (message: string, retryAfterSeconds?: number): NotChecked => ({
  state: 'not_checked',
  message,
  ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
})
