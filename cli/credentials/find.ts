import { defaultServer } from '../default-server'
import type { Environment } from '../environment'
import { CliError, EXIT } from '../exits'
import { serverAddress, warnUnlessPrivate } from '../server-address'
import { placesOf } from './places'
import { type FoundToken, readStoredToken } from './read'
import { isSendable, isSlipways } from './token-shape'

/** What the command speaks to a server with. */
export interface Login {
  /** The server's origin. */
  server: string
  token: string
  /** Where the token came from, for people: a variable's name or a file's path. */
  source: string
}

const GIVEN_BY_OPTION = '--web-base'
const GIVEN_BY_VARIABLE = 'RUNCOMFY_WEB_BASE'
export const TOKEN_VARIABLE = 'RUNCOMFY_TOKEN'

/** The server that somebody named; undefined when nobody did. */
export const namedServer = (option: string | undefined, { webBase }: Environment): string | undefined => {
  if (option !== undefined) return serverAddress(option, GIVEN_BY_OPTION)
  return webBase === undefined ? undefined : serverAddress(webBase, GIVEN_BY_VARIABLE)
}

/**
 * A token is only ever for the server that it came from.
 * @param option `--web-base`, as it was given
 * @param warn told when the token would go there without encryption
 * @throws CliError `notAllowed` when there is no token for the server, `usage` when no server is known
 */
export function findLogin(option: string | undefined, env: Environment, warn: (text: string) => void): Login {
  const login = ofVariableOrFile(option, env, warn)
  warnUnlessPrivate(login.server, warn)
  return login
}

function ofVariableOrFile(option: string | undefined, env: Environment, warn: (text: string) => void): Login {
  const named = namedServer(option, env)
  const places = placesOf(env)
  if (env.token) {
    if (!isSendable(env.token) || !isSlipways(env.token))
      throw new CliError(
        EXIT.notAllowed,
        `${TOKEN_VARIABLE} holds no token of Slipway's: they begin with slipway_`,
      )
    return {
      server: named ?? knownServer(readStoredToken(places, warn)?.webBase),
      token: env.token,
      source: TOKEN_VARIABLE,
    }
  }
  const found = readStoredToken(places, warn)
  if (!found) throw new CliError(EXIT.notAllowed, `Not logged in. Run: ${loginTo(named ?? defaultServer())}`)
  return { server: serverOf(found, named), token: found.token, source: found.file }
}

/** @throws CliError when the token is not for the server that was named, or nobody knows what it is for */
function serverOf(found: FoundToken, named: string | undefined): string {
  const { webBase, file } = found
  if (isForeign(found)) throw foreignLogin(file)
  const server = webBase ?? named
  if (!server)
    throw new CliError(
      EXIT.notAllowed,
      `${file} does not say which server it is for. Run: ${loginTo(undefined)}`,
    )
  if (named && named !== server)
    throw new CliError(
      EXIT.notAllowed,
      `You are logged in to ${server}, not ${named}. Run: ${loginTo(named)}`,
    )
  return server
}

/** Whether RunComfy's own command, which reads the same file, would send it to its own server. */
export const isForeign = ({ token, webBase }: FoundToken): boolean => !webBase && !isSlipways(token)

/** What is never sent, replaced or deleted here. */
export const foreignLogin = (file: string) =>
  new CliError(
    EXIT.notAllowed,
    `${file} is another command's login, as RunComfy's own. Set RUNCOMFY_CONFIG_DIR to a folder for this command's, then run: runcomfy login`,
  )

/**
 * The server that is meant when nobody names one.
 * @param loggedInTo comes first, then the one that the command was downloaded from
 * @throws CliError `usage` when there is none
 */
export function knownServer(loggedInTo: string | undefined): string {
  const server = loggedInTo ?? defaultServer()
  if (!server) throw new CliError(EXIT.usage, `Say which server. Run: ${loginTo(undefined)}`)
  return server
}

const loginTo = (server: string | undefined) =>
  server !== undefined && server === defaultServer()
    ? 'runcomfy login'
    : `runcomfy login --web-base ${server ?? 'https://slipway.example.org'}`
