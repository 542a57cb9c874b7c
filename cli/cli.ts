import type { Environment } from './environment'
import { type Api, openApi } from './http/api'
import { asCliError } from './http/errors'
import { openFetch } from './http/fetch'
import { findLogin, type Login } from './login'
import type { Output } from './output/output'

/** What a command works with. Commands get it as an argument and reach nothing else of the process. */
export interface Cli {
  env: Environment
  output: Output
  /** `--web-base`, as it was given. */
  webBase: string | undefined
  stdin: NodeJS.ReadStream
  /** Ends with Ctrl-C. Whatever the command began has to end with it. */
  signal: AbortSignal
  /** @throws CliError when there is none */
  login(): Login
  /** The server's procedures, with the login's token. @throws CliError when there is no login */
  api(): Api
  /** Any request; see cli/http/fetch. */
  fetch: typeof globalThis.fetch
  /** Does what asks the server, and turns what goes wrong into a CliError. */
  ask<T>(work: (api: Api) => Promise<T>): Promise<T>
}

export function openCli(parts: Pick<Cli, 'env' | 'output' | 'webBase' | 'stdin' | 'signal'>): Cli {
  const fetch = openFetch(parts.output, parts.signal)
  const login = () => findLogin(parts.webBase, parts.env)
  const api = () => openApi(login(), fetch)
  return {
    ...parts,
    login,
    api,
    fetch,
    async ask(work) {
      const { server } = login()
      try {
        return await work(api())
      } catch (error) {
        throw asCliError(error, server)
      }
    },
  }
}
