import { UnsealError } from '../../db/sealing'
import { PROVIDER_IDS, PROVIDERS } from '../../providers/registry'
import type { WorkerDeps } from '../deps'
import type { TokenOpener } from '../open-tokens'
import { noteOpened } from './note-opened'
import { RequestError } from './request-error'

/**
 * The values that no result may hold: those that a machine of the caller could be launched with today.
 * @throws RequestError when one of them can't be opened
 */
export function openSecrets(
  deps: WorkerDeps,
  opener: TokenOpener,
  userId: string,
): { label: string; value: string }[] {
  try {
    return opener.open(userId, PROVIDER_IDS).map(({ provider, value }) => {
      noteOpened(deps, userId, provider)
      return { label: PROVIDERS[provider].label, value }
    })
  } catch (error) {
    if (!(error instanceof UnsealError)) throw error
    throw new RequestError(
      'internal',
      error.message,
      'A saved token could not be opened, so Slipway can’t make sure that no result holds it. Save the token again on your profile.',
    )
  }
}
