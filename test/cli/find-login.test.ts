import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findLogin } from '~/cli/credentials/find'
import { readEnvironment } from '~/cli/environment'
import { temporaryFolder } from '../support/temp-folder'

const A = 'https://a.test'
const B = 'https://b.test'
const TOKEN = 'slipway_cli_CANARYfile'
const OTHER = 'slipway_api_CANARYvariable'

interface Given {
  file?: object
  env?: Record<string, string>
  option?: string
}

/** @returns what is sent to whom, or why nothing is, and what was warned of */
function find({ file, env = {}, option }: Given): string {
  const { path: home, remove } = temporaryFolder()
  onTestFinished(remove)
  if (file) {
    mkdirSync(join(home, 'runcomfy'), { mode: 0o700 })
    writeFileSync(join(home, 'runcomfy/token.json'), JSON.stringify(file), { mode: 0o600 })
  }
  const variables = { XDG_CONFIG_HOME: home, ...env } as unknown as NodeJS.ProcessEnv
  const environment = readEnvironment(variables, { home, hostname: 'laptop', platform: 'linux' })
  const warnings: string[] = []
  try {
    const { server, token, source } = findLogin(option, environment, (text) => warnings.push(text))
    return [`${token} to ${server} from ${source.replace(home, '~')}`, ...warnings].join('\n')
  } catch (error) {
    const { exit, message } = error as { exit: number; message: string }
    return `${exit}: ${message.replace(home, '~')}`
  }
}

const file = { access_token: TOKEN, web_base: A }
const foreign = { access_token: 'rc_CANARY', refresh_token: null }
const fromFile = `${TOKEN} to ${A} from ~/runcomfy/token.json`
const notOurs =
  "77: ~/runcomfy/token.json is another command's login, as RunComfy's own. Set RUNCOMFY_CONFIG_DIR to a folder for this command's, then run: runcomfy login"

test.each<[string, Given, string]>([
  ['the file’s goes to its server', { file }, fromFile],
  ['and so it does when that is named', { file, option: `${A}/` }, fromFile],
  ['and so it does when a variable names it', { file, env: { RUNCOMFY_WEB_BASE: A } }, fromFile],
  [
    'the file’s goes to no other server',
    { file, option: B },
    `77: You are logged in to ${A}, not ${B}. Run: runcomfy login --web-base ${B}`,
  ],
  [
    'nor to one on another port, or without encryption',
    { file, env: { RUNCOMFY_WEB_BASE: 'http://a.test' } },
    `77: You are logged in to ${A}, not http://a.test. Run: runcomfy login --web-base http://a.test`,
  ],
  [
    'the option comes before the variable',
    { file, option: B, env: { RUNCOMFY_WEB_BASE: A } },
    `77: You are logged in to ${A}, not ${B}. Run: runcomfy login --web-base ${B}`,
  ],
  ['another command’s goes nowhere by itself', { file: foreign }, notOurs],
  ['nor where it is told to', { file: foreign, option: B }, notOurs],
  [
    'a Slipway’s without a server goes nowhere by itself',
    { file: { access_token: TOKEN } },
    '77: ~/runcomfy/token.json does not say which server it is for. Run: runcomfy login --web-base https://slipway.example.org',
  ],
  [
    'but where it is told to',
    { file: { access_token: TOKEN }, option: B },
    `${TOKEN} to ${B} from ~/runcomfy/token.json`,
  ],
  [
    'the variable’s wins, and goes to the server logged in to',
    { file, env: { RUNCOMFY_TOKEN: ` ${OTHER}\n` } },
    `${OTHER} to ${A} from RUNCOMFY_TOKEN`,
  ],
  [
    'or to the one named',
    { file, option: B, env: { RUNCOMFY_TOKEN: OTHER } },
    `${OTHER} to ${B} from RUNCOMFY_TOKEN`,
  ],
  [
    'the variable’s goes nowhere when no server is known',
    { env: { RUNCOMFY_TOKEN: OTHER } },
    '64: Say which server. Run: runcomfy login --web-base https://slipway.example.org',
  ],
  [
    'another service’s token goes nowhere',
    { option: B, env: { RUNCOMFY_TOKEN: 'hf_CANARY' } },
    "77: RUNCOMFY_TOKEN holds no token of Slipway's: they begin with slipway_",
  ],
  [
    'without one it says how to get one',
    { option: B },
    `77: Not logged in. Run: runcomfy login --web-base ${B}`,
  ],
  [
    'the variable’s goes without encryption, with a warning',
    { env: { RUNCOMFY_WEB_BASE: 'http://a.test', RUNCOMFY_TOKEN: OTHER } },
    `${OTHER} to http://a.test from RUNCOMFY_TOKEN\nhttp://a.test is not encrypted: whoever is on the way can read the token. Use https where you can.`,
  ],
  [
    'and so does the file’s',
    { file: { access_token: TOKEN, web_base: 'http://127.0.0.1.test' } },
    `${TOKEN} to http://127.0.0.1.test from ~/runcomfy/token.json\nhttp://127.0.0.1.test is not encrypted: whoever is on the way can read the token. Use https where you can.`,
  ],
  ...['localhost', 'slipway.localhost:3000', '127.0.0.1:3000', '[::1]'].map(
    (host): [string, Given, string] => [
      `to this computer without a word: ${host}`,
      { option: `http://${host}`, env: { RUNCOMFY_TOKEN: OTHER } },
      `${OTHER} to http://${host} from RUNCOMFY_TOKEN`,
    ],
  ),
  ...['a.test', 'ftp://a.test', `${A}/sub/path`, `${A}/?a`, `${A}/#a`].map(
    (option): [string, Given, string] => [
      `an address that is no server’s is refused: ${option}`,
      { option },
      "64: --web-base must be a server's address and nothing more, as https://slipway.example.org",
    ],
  ),
  [
    'and so is one that holds a password',
    { env: { RUNCOMFY_WEB_BASE: 'https://me:CANARY@a.test' } },
    "64: RUNCOMFY_WEB_BASE must be a server's address and nothing more, as https://slipway.example.org",
  ],
])('a token is for one server: %s', (_what, given, found) => {
  expect(find(given)).toBe(found)
})
