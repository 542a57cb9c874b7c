import { TOKEN_VARIABLE } from '../credentials/find'
import { CliError, EXIT, exitOfStatus, LostAnswer } from '../exits'
import { retryAfterOf } from './answer'
import { clockSentence } from './clock'
import type { Reply, ReplyHeaders } from './reply'

interface Refusal {
  status: number
  headers: Pick<ReplyHeaders, 'get'> | undefined
  /** What the server says about it, if it does. */
  message: string | undefined
}

/** Who was asked, and with a token from where; see Login. */
export interface Asked {
  server: string
  source: string | undefined
}

/** An answer from 400 on of a Slipway server, as what ends the command: what is wrong, and the cure. */
export function refusal({ status, headers, message }: Refusal, asked: Asked): CliError {
  const now = Date.now()
  const retryAfter = retryAfterOf(headers, now)
  const says = message?.trim() || `${asked.server} answered with status ${status}.`
  const cure =
    status === 401
      ? `${signInAgain(asked)}${clockSentence(headers?.get('date'), now)}`
      : status === 403
        ? moreScope(says, asked)
        : status === 429 || status === 503
          ? whenToComeBack(retryAfter)
          : status >= 500
            ? ' Try again later.'
            : ''
  return new CliError(exitOfStatus(status), sentence(says) + cure, retryAfter)
}

const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`)

const signInAgain = ({ source }: Asked, login = 'runcomfy login') =>
  source === TOKEN_VARIABLE
    ? ` The token came from ${TOKEN_VARIABLE}: set another there, or unset it and run: ${login}`
    : ` Run: ${login}`

function moreScope(says: string, asked: Asked): string {
  if (!/\bscope\b/.test(says)) return ''
  const login = /\badmin:(read|write)\b/.test(says) ? 'runcomfy login --admin' : 'runcomfy login'
  return asked.source !== TOKEN_VARIABLE && says.includes(login) ? '' : signInAgain(asked, login)
}

function whenToComeBack(seconds: number | undefined): string {
  if (seconds === undefined) return ' Try again later.'
  return ` Try again in ${seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`}.`
}

/** For an answer that no Slipway server gives, or that something on the way gave in its place. */
export function noSlipway({ status, headers }: Pick<Reply, 'status' | 'headers'>, server: string): CliError {
  const type = headers.get('content-type')?.split(';')[0]?.trim() || 'something unnamed'
  if (status < 400 && type === 'application/json') return halfAnAnswer(server)
  const exit = status < 400 ? EXIT.upstream : exitOfStatus(status)
  const retryAfter = retryAfterOf(headers, Date.now())
  const cure = status === 429 || status === 503 ? whenToComeBack(retryAfter) : ''
  return new CliError(
    exit,
    `Is ${server} a Slipway server, and does its proxy reach it? It answered ${status} with ${type}.${cure}`,
    retryAfter,
  )
}

export const halfAnAnswer = (server: string) =>
  new LostAnswer(EXIT.upstream, `${server} sent an answer that is cut short. Try again.`)

/** Never followed: what is at the other end must not get the token, and a POST would become a GET. */
export function redirected(response: Reply, url: string): CliError {
  const { origin } = new URL(url)
  const location = response.headers.get('location') ?? ''
  const target = URL.canParse(location, url) ? new URL(location, url).origin : undefined
  return target && target !== origin
    ? new CliError(EXIT.badInput, `${origin} sends on to ${target}. Give that address: --web-base ${target}`)
    : new CliError(EXIT.badInput, `Is ${origin} a Slipway server? It sends requests on to another page.`)
}
