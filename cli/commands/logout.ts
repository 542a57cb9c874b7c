import type { Cli } from '../cli'
import { type AddCommand, examples } from '../command'
import { foreignLogin, isForeign, TOKEN_VARIABLE } from '../credentials/find'
import { placesOf } from '../credentials/places'
import { readStoredToken } from '../credentials/read'
import { forgetToken } from '../credentials/write'
import { CliError, EXIT } from '../exits'
import { revokeToken } from '../http/revoke'

interface Values {
  local?: true
}

export const addLogout: AddCommand = (program, run) => {
  program
    .command('logout')
    .description('Revoke this login at the server and forget it here.')
    .option('--local', 'only forget it here: the token stays good at the server')
    .addHelpText('after', examples('runcomfy logout', 'runcomfy logout --local'))
    .action((values: Values) => run((cli) => logout(cli, values)))
}

async function logout(cli: Cli, { local }: Values): Promise<void> {
  const { env, output } = cli
  if (env.token)
    throw new CliError(
      EXIT.usage,
      `${TOKEN_VARIABLE} can't be logged out here: unset it, and revoke its token on the server's Profile page.`,
    )
  const places = placesOf(env)
  const found = readStoredToken(places, output.warn)
  if (!found) {
    output.payload({ status: 'not_logged_in' }, 'Not logged in.')
    return
  }
  const { file, webBase } = found
  if (isForeign(found) || file === places.legacy) throw foreignLogin(file)
  if (local) {
    forgetToken(file)
    const where = webBase ? ` at ${webBase}` : ''
    output.payload(
      { status: 'logged_out', revoked: false, web_base: webBase ?? null },
      `Logged out here. The token stays good${where} until it expires or is revoked on the Profile page.`,
    )
    return
  }
  // Says whose it is, and refuses when that isn't known.
  const { server, token } = cli.login()
  const failure = await revokeToken(cli.fetch, server, token).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (failure && cli.signal.aborted) throw failure
  forgetToken(file)
  output.payload(
    { status: 'logged_out', revoked: !failure, web_base: server },
    failure ? 'Logged out here.' : `Logged out of ${server}.`,
  )
  if (failure)
    throw new CliError(
      EXIT.upstream,
      `The token could not be revoked and stays good: ${messageOf(failure)} Revoke it at ${server}/profile`,
    )
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : '')
