import type { LaunchFailure } from '../../db/launch-attempts'
import type { ModelRequest } from '../../db/model-request-states'
import { UnsealError } from '../../db/sealing'
import { PROVIDER_IDS } from '../../providers/registry'
import { scrub } from '../../scrub'
import type { WorkerDeps } from '../deps'
import { tokenOpener } from '../open-tokens'
import { noteOpened } from './note-opened'

/** Failures that are told in the machine's own words, which has the caller's tokens. */
const FROM_THE_MACHINE = new Set(['refused', 'node_failed', 'download_failed', 'no_output'])

/**
 * The failure without the caller's tokens, which the machine may say anywhere; without its words where those can't
 * be opened to look for them.
 */
export function scrubbed(deps: WorkerDeps, { userId }: ModelRequest, failure: LaunchFailure): LaunchFailure {
  const opener = tokenOpener(deps, 'failure_text')
  try {
    for (const { provider } of opener.open(userId, PROVIDER_IDS)) noteOpened(deps, userId, provider)
    const clean = (text: string) => scrub(text, opener.secrets)
    return { ...failure, message: clean(failure.message), detail: clean(failure.detail) }
  } catch (error) {
    if (!(error instanceof UnsealError)) throw error
    const message = FROM_THE_MACHINE.has(failure.errorClass)
      ? 'The machine said why, but one of your tokens can’t be opened to keep it out of that.'
      : failure.message
    return { ...failure, message, detail: error.message }
  } finally {
    opener.letGo()
  }
}
