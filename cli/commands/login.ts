import { setTimeout as pause } from 'node:timers/promises'
import type { Cli } from '../cli'
import { type AddCommand, examples } from '../command'
import { foreignLogin, isForeign, knownServer, namedServer, TOKEN_VARIABLE } from '../credentials/find'
import { type Places, placesOf } from '../credentials/places'
import { type FoundToken, readStoredToken } from '../credentials/read'
import { prepareFolder, saveToken } from '../credentials/write'
import { awaitApproval } from '../device-login/poll'
import { type Grant, startDeviceLogin } from '../device-login/start'
import { CliError } from '../exits'
import { askFor } from '../http/ask'
import { askForMe, labelOf } from '../http/me'
import { revokeToken } from '../http/revoke'
import { openBrowser } from '../open-browser'
import { warnUnlessPrivate } from '../server-address'

interface Values {
  admin?: true
  name?: string
}

export const addLogin: AddCommand = (program, run) => {
  program
    .command('login')
    .description('Log in with a code that you type into a browser, on this computer or any other.')
    .option('--admin', 'also to administer the server')
    .option('--name <device>', "what to call this login on the Profile page (default: this computer's name)")
    .addHelpText(
      'after',
      examples(
        'runcomfy login',
        'runcomfy login --web-base https://slipway.example.org',
        'runcomfy login --admin --name "build server"',
      ),
    )
    .action((values: Values) => run((cli) => login(cli, values)))
}

async function login(cli: Cli, { admin, name }: Values): Promise<void> {
  const { env, output, fetch } = cli
  const places = placesOf(env)
  // Nobody authorizes a login that can't be saved.
  prepareFolder(places.file, output.warn)
  const before = formerLogin(cli, places)
  if (before && isForeign(before)) throw foreignLogin(before.file)
  const server = namedServer(cli.webBase, env) ?? knownServer(before?.webBase)
  warnBefore(cli, server, before)

  const scopes = admin ? ['write', 'admin:write'] : ['write']
  const grant = await startDeviceLogin(fetch, server, { deviceName: name ?? env.hostname, scopes })
  output.conceal(grant.deviceCode)
  show(cli, grant)
  const token = await awaitApproval(grant, {
    server,
    ask: () =>
      askFor(fetch, `${server}/api/cli-auth/poll`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ device_code: grant.deviceCode }),
      }),
    pause: (ms) => pause(ms, undefined, { signal: cli.signal }),
    now: () => performance.now(),
    note: (text) => output.progress('login', text),
  })
  output.conceal(token)

  const save = (email: string | null) =>
    saveToken(places.file, { token, webBase: server, email }, output.warn)
  try {
    save(null)
  } catch (error) {
    await revokeToken(fetch, server, token).catch(() => undefined)
    throw error
  }
  // Whoever interrupts it from here on is logged in all the same.
  const me = await askForMe(fetch, { server, token, source: places.file }).catch(() => undefined)
  try {
    if (me?.email) save(me.email)
  } catch {
    // Nothing needs the address, and the token is saved.
  }
  if (before) await endFormerLogin(cli, server, before)
  const as = me ? ` as ${labelOf(me)}` : ''
  output.payload(
    { status: 'authorized', web_base: server, user: me ?? null, token_file: places.file },
    `Logged in to ${server}${as}.`,
  )
}

/** A file that can't be read is no reason not to log in anew: what it held is replaced. */
function formerLogin({ output }: Cli, places: Places): FoundToken | undefined {
  try {
    return readStoredToken(places, output.warn)
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    output.warn(`${places.file} can't be read, and this login will replace it.`)
    return undefined
  }
}

function warnBefore({ env, output }: Cli, server: string, before: FoundToken | undefined) {
  if (before?.webBase) output.progress('login', `Already logged in to ${before.webBase}. This replaces it.`)
  if (env.token) output.warn(`${TOKEN_VARIABLE} is set and wins over this login. Unset it to use the login.`)
  warnUnlessPrivate(server, output.warn)
}

function show(cli: Cli, { verifyUrl, userCode, expiresInSeconds }: Grant) {
  const { output } = cli
  output.notice(
    { verify_url: verifyUrl, user_code: userCode, expires_in: expiresInSeconds },
    `Open ${verifyUrl} and enter the code ${userCode}`,
  )
  const isOpened = openBrowser(cli, verifyUrl)
  output.progress(
    'login',
    `${isOpened ? 'Opened it in your browser. ' : ''}Waiting for you to authorize it …`,
  )
}

/** Once the new one is saved: the old one would stay good for whoever has a copy, and nobody would miss it. */
async function endFormerLogin({ fetch, output }: Cli, server: string, { token, webBase }: FoundToken) {
  if (webBase !== server) {
    const where = webBase ? `at ${webBase}/profile` : "on its server's Profile page"
    output.warn(`The login${webBase ? ` to ${webBase}` : ' before'} stays good there. Revoke it ${where}`)
    return
  }
  output.conceal(token)
  try {
    await revokeToken(fetch, server, token)
  } catch (error) {
    const why = error instanceof CliError ? error.message : 'It was interrupted.'
    output.warn(`The login before could not be revoked: ${why} Revoke it at ${server}/profile`)
  }
}
