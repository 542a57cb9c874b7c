import { onTestFinished } from 'vitest'
import { createApiToken } from '~/db/api-tokens'
import type { User } from '~/db/users'
import { SOMEBODY } from '../support/actors'
import { freePort } from '../support/free-port'
import { temporaryFolder } from '../support/temp-folder'
import { type SiteOptions, startSite } from '../web/site'
import { type RunOptions, runCommand } from './run-command'

interface CliRunOptions extends RunOptions {
  /** What the user's token is for. */
  scopes?: string[]
}

/** The web side as it is built, at an address that the command can reach, and the command beside it. */
export async function startCliSite({ env, ...options }: SiteOptions = {}) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const site = await startSite({ ...options, port, env: { PUBLIC_URL: url, PORT: String(port), ...env } })
  const home = temporaryFolder()
  onTestFinished(home.remove)

  /** @param user whose token it has; without one it has none, but what it saved in the home folder of this site */
  const runcomfy = (
    user: User | undefined,
    args: string[],
    { scopes = ['write'], env, ...options }: CliRunOptions = {},
  ) => runCommand(args, { ...options, env: { ...envOf(user, scopes), ...env } })
  const envOf = (user: User | undefined, scopes = ['write']) => ({
    HOME: home.path,
    RUNCOMFY_WEB_BASE: url,
    ...(user ? { RUNCOMFY_TOKEN: cliToken(user, scopes) } : {}),
  })
  const cliToken = ({ id }: User, scopes: string[]) => {
    const given = {
      userId: id,
      type: 'cli',
      clientId: 'runcomfy',
      name: 'One',
      scopes,
      expiresAt: null,
    } as const
    return createApiToken(site.db, given, SOMEBODY, site.clock).token
  }
  return { site, url, home: home.path, runcomfy, envOf }
}
