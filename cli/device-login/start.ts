import { CliError, EXIT } from '../exits'
import { fieldOf, textOf } from '../http/answer'
import { askFor, bodyOf } from '../http/ask'
import type { Fetch } from '../http/reply'

/** What a login waits with for its user. */
export interface Grant {
  deviceCode: string
  userCode: string
  /** Where the user types it. */
  verifyUrl: string
  expiresInSeconds: number
  pollSeconds: number
}

interface Asking {
  deviceName: string
  scopes: readonly string[]
}

/** @throws CliError */
export async function startDeviceLogin(
  fetch: Fetch,
  server: string,
  { deviceName, scopes }: Asking,
): Promise<Grant> {
  const answer = await askFor(fetch, `${server}/api/cli-auth/start`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ device_name: deviceName, scopes }),
  })
  const body = bodyOf(answer, { server, source: undefined })
  const deviceCode = textOf(body, 'device_code')
  const userCode = textOf(body, 'user_code')
  const verifyUrl = textOf(body, 'verify_url')
  const expiresInSeconds = fieldOf(body, 'expires_in')
  const pollSeconds = fieldOf(body, 'poll_interval')
  if (!deviceCode || !userCode || !isPage(verifyUrl) || !isCount(expiresInSeconds) || !isCount(pollSeconds))
    throw new CliError(EXIT.upstream, `${server} answered the login with something that is none.`)
  return { deviceCode, userCode, verifyUrl, expiresInSeconds, pollSeconds: Math.max(pollSeconds, 1) }
}

const isPage = (url: string | undefined): url is string =>
  url !== undefined && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
