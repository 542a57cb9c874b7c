import { isSendable } from '../credentials/token-shape'
import { CliError, EXIT, exitOfStatus, mayPass } from '../exits'
import { type Answer, retryAfterOf, textOf } from '../http/answer'
import { noSlipway } from '../http/refusals'
import type { Grant } from './start'

export interface Polling {
  server: string
  ask(): Promise<Answer>
  /** Waits; throws when the command is interrupted. */
  pause(ms: number): Promise<void>
  /** Milliseconds of a clock that nobody sets. */
  now(): number
  /** Told when the server fails for a while, once each time. */
  note(text: string): void
}

type Step = { token: string } | { waitSeconds: number; trouble?: string }

/**
 * Asks until somebody has decided.
 * @returns the token
 * @throws CliError `notAllowed` when it was denied, `tryAgain` when it expired, `upstream` when the answers make no
 * sense
 */
export async function awaitApproval(
  grant: Pick<Grant, 'expiresInSeconds' | 'pollSeconds'>,
  polling: Polling,
) {
  const deadline = polling.now() + grant.expiresInSeconds * 1000
  let waitMs = grant.pollSeconds * 1000
  let isTroubled = false
  for (;;) {
    await polling.pause(Math.min(waitMs, deadline - polling.now()))
    if (polling.now() >= deadline) throw expired()
    const step = await lookOnce(polling)
    if ('token' in step) return step.token
    if (step.trouble && !isTroubled) polling.note(`${step.trouble} Still waiting.`)
    isTroubled = step.trouble !== undefined
    waitMs = Math.max(step.waitSeconds, grant.pollSeconds) * 1000
  }
}

/** What passes by itself is survived: a server that is away for a moment, or asks to come back later. */
async function lookOnce({ server, ask }: Polling): Promise<Step> {
  let answer: Answer
  try {
    answer = await ask()
  } catch (error) {
    if (!(error instanceof CliError) || !mayPass(error.exit)) throw error
    return { waitSeconds: 0, trouble: error.message }
  }
  const waitSeconds = retryAfterOf(answer.headers, Date.now()) ?? 0
  const status = textOf(answer.body, 'status')
  if (status === 'pending') return { waitSeconds }
  if (status === 'denied') throw new CliError(EXIT.notAllowed, 'The login was denied.')
  if (status === 'expired') throw expired()
  if (status === 'authorized') return { token: tokenOf(answer, server) }
  if (answer.status >= 400 && mayPass(exitOfStatus(answer.status)))
    return { waitSeconds, trouble: `${server} answered with status ${answer.status}.` }
  throw answer.body === undefined ? noSlipway(answer, server) : senseless(server)
}

function tokenOf({ body }: Answer, server: string): string {
  const token = textOf(body, 'access_token')
  if (!token || !isSendable(token)) throw senseless(server)
  return token
}

const expired = () =>
  new CliError(EXIT.tryAgain, 'Nobody authorized the login in time. Run it again for a new code.')

const senseless = (server: string) =>
  new CliError(EXIT.upstream, `${server} answered the login with something that this command doesn't know.`)
