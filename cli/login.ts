import { defaultServer } from './default-server'
import type { Environment } from './environment'
import { CliError, EXIT } from './exits'
import { serverAddress } from './server-address'

/** What the command speaks to a server with. */
export interface Login {
  /** The server's origin. */
  server: string
  token: string
  /** Where the token came from, for people: a variable's name or a file's path. */
  source: string
}

export const GIVEN_BY_OPTION = '--web-base'
const GIVEN_BY_VARIABLE = 'RUNCOMFY_WEB_BASE'

/** The server that somebody named; undefined when nobody did. */
export const namedServer = (option: string | undefined, { webBase }: Environment): string | undefined => {
  if (option !== undefined) return serverAddress(option, GIVEN_BY_OPTION)
  return webBase === undefined ? undefined : serverAddress(webBase, GIVEN_BY_VARIABLE)
}

/** @throws CliError `notAllowed` when there is no token, `usage` when no server is known */
export function findLogin(option: string | undefined, env: Environment): Login {
  const server = namedServer(option, env) ?? defaultServer()
  if (!server)
    throw new CliError(EXIT.usage, 'Say which server: runcomfy login --web-base https://slipway.example.org')
  if (!env.token) throw new CliError(EXIT.notAllowed, 'Not logged in. Run: runcomfy login')
  return { server, token: env.token, source: 'RUNCOMFY_TOKEN' }
}
