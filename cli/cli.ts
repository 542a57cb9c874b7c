import { findLogin, type Login } from './credentials/find'
import type { Environment } from './environment'
import type { Api } from './http/api'
import { asCliError } from './http/errors'
import { openFetch } from './http/fetch'
import type { Fetch } from './http/reply'
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
  api(): Promise<Api>
  /** Any request; see cli/http/fetch. */
  fetch: Fetch
  /** The same for what the server must yet be told when Ctrl-C has ended all else: it has some seconds from now on. */
  fetchAfterwards(): Fetch
  /** Does what asks the server, and turns what goes wrong into a CliError. */
  ask<T>(work: (api: Api) => Promise<T>): Promise<T>
}

const AFTERWARDS_MS = 5_000

type Parts = Pick<Cli, 'env' | 'output' | 'webBase' | 'stdin' | 'signal'>

export function openCli({ version, ...parts }: Parts & { version: string }): Cli {
  const { env, output, webBase, signal } = parts
  const fetch = openFetch(output, signal, version)
  let found: Login | undefined
  const login = () => {
    if (found) return found
    found = findLogin(webBase, env, output.warn)
    output.conceal(found.token)
    return found
  }
  let opened: Api | undefined
  const api = async () => {
    // Some commands need none, and it takes as long to read in as all the rest of them.
    opened ??= (await import('./http/api')).openApi(login(), fetch)
    return opened
  }
  return {
    ...parts,
    login,
    api,
    fetch,
    fetchAfterwards: () => openFetch(output, AbortSignal.timeout(AFTERWARDS_MS), version),
    async ask(work) {
      const asked = login()
      try {
        return await work(await api())
      } catch (error) {
        throw await asCliError(error, asked)
      }
    },
  }
}
