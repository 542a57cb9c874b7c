import { AppError } from '../../errors'
import type { Context } from './context'

/** @throws AppError `bad_input` for a client that the settings don't name */
export function assertKnownClient({ oauth }: Pick<Context, 'oauth'>, clientId: string): void {
  if (oauth.clientName(clientId) === undefined)
    throw new AppError('bad_input', 'clientId: is no client of this server; OAUTH_CLIENTS names them', {
      field: 'clientId',
    })
}
