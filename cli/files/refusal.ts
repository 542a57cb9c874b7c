import type { RefusalView } from '../../filebrowser/contract'
import { CliError, EXIT, type Exit, exitOfStatus } from '../exits'
import { oneLine } from '../output/one-line'

/** Of what is refused by issuers and by machines; whatever is not here is the fault of what was asked for. */
const EXITS = new Map<string, Exit>([
  ['token_missing', EXIT.notAllowed],
  ['token_refused', EXIT.notAllowed],
  ['terms_not_accepted', EXIT.notAllowed],
  ['token_lacks_gated_read', EXIT.notAllowed],
  ['signed_out', EXIT.notAllowed],
  ['rate_limited', EXIT.tryAgain],
  ['busy', EXIT.tryAgain],
  ['silent', EXIT.tryAgain],
  ['network', EXIT.upstream],
  ['html_instead_of_file', EXIT.upstream],
  ['internal', EXIT.upstream],
  ['unreachable', EXIT.upstream],
  ['unavailable', EXIT.upstream],
])

/** @param status of the answer that said so; none for what an answer tells of a file in it */
export const exitOfRefusal = (code: string, status = 400): Exit =>
  EXITS.get(code) ?? exitOfRefused(code, status)

/** A machine that is on its way out or has failed says so with 503, and yet no patience helps. */
const exitOfRefused = (code: string, status: number) =>
  /^(queued|starting|stopping|stopped|failed)$/.test(code) ? EXIT.badInput : exitOfStatus(status)

/** The sentence of a refusal, and where it is cured, unless that is a place on a page. */
export const sentenceOf = ({ message, link }: Pick<RefusalView, 'message' | 'link'>): string =>
  oneLine(link && /^https?:\/\//.test(link.href) ? `${message} ${link.label}: ${link.href}` : message)

export const refusedBy = (error: RefusalView, status?: number): CliError =>
  new CliError(exitOfRefusal(error.code, status), sentenceOf(error))
