import { AppError } from '../../errors'
import { CLI_CLIENT } from '../../oauth-settings'
import type { Context } from './context'
import { isForAdmins } from './scopes'

/** @throws AppError `bad_input` for a client that the settings don't name */
export function assertKnownClient({ oauth }: Pick<Context, 'oauth'>, clientId: string): void {
  if (oauth.clientName(clientId) === undefined)
    throw new AppError('bad_input', 'clientId: is no client of this server; OAUTH_CLIENTS names them', {
      field: 'clientId',
    })
}

/** The same for what it asks for: to administer is for the command line alone. */
export function assertMayAsk(
  ctx: Pick<Context, 'oauth'>,
  asked: { clientId: string; scopes: string[] },
): void {
  assertKnownClient(ctx, asked.clientId)
  if (asked.clientId !== CLI_CLIENT && isForAdmins(asked.scopes))
    throw new AppError('bad_input', `scopes: only ${CLI_CLIENT} may ask for those of administrators`, {
      field: 'scopes',
    })
}
