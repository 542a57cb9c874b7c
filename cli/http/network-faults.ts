import { CliError, EXIT, LostAnswer } from '../exits'
import { CUT_SHORT } from './reply'
import { tlsFault } from './tls-faults'

const AWAY = new Map([
  ['ECONNREFUSED', 'Nothing answers there: is the server running, and is the port right?'],
  ['ENOTFOUND', 'No such host is known: is the name right, and is this computer online?'],
  ['EAI_AGAIN', "Its name can't be looked up: is this computer online?"],
  ['EHOSTUNREACH', 'No way leads there: is this computer online?'],
  ['ENETUNREACH', 'No way leads there: is this computer online?'],
])
/** Of a connection that there was: the request may have arrived. */
const LOST = new Map([
  ['ECONNRESET', 'It ended the connection without an answer. Try again.'],
  ['EPIPE', 'It ended the connection without an answer. Try again.'],
  [CUT_SHORT, 'It ended the connection before its answer was whole. Try again.'],
])

/**
 * What a request ended with that got no answer, or not a whole one.
 * @returns undefined for what is no fault of the network
 */
export async function networkFault(error: unknown, url: string): Promise<CliError | undefined> {
  const { origin } = new URL(url)
  if (error instanceof Error && error.name === 'TimeoutError')
    return new LostAnswer(EXIT.tryAgain, `${origin} does not answer. Try again later.`)
  for (const code of codesOf(error)) {
    const away = AWAY.get(code)
    if (away) return new CliError(EXIT.upstream, `${origin} can't be reached. ${away}`)
    const lost = LOST.get(code)
    if (lost) return new LostAnswer(EXIT.upstream, `${origin} can't be reached. ${lost}`)
    if (code === 'ETIMEDOUT')
      return new LostAnswer(EXIT.tryAgain, `${origin} does not answer. Try again later.`)
    if (code.startsWith('HPE_'))
      return new CliError(EXIT.upstream, `What answers at ${origin} does not speak HTTP as a server does.`)
    const tls = await tlsFault(code, new URL(url))
    if (tls) return tls
  }
  // fetch has this one message for all that it says nothing more about.
  return error instanceof TypeError && /^(fetch failed|terminated)$/.test(error.message)
    ? new CliError(EXIT.upstream, `${origin} can't be reached. Try again later.`)
    : undefined
}

/** The error's own and those of what caused it. */
function* codesOf(error: unknown): Generator<string> {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') yield at.code
    if (at instanceof AggregateError) for (const one of at.errors) yield* codesOf(one)
  }
}
