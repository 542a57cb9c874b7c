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

/** @returns what is sent to whom, or why nothing is */
function find({ file, env = {}, option }: Given): string {
  const { path: home, remove } = temporaryFolder()
  onTestFinished(remove)
  if (file) {
    mkdirSync(join(home, 'runcomfy'), { mode: 0o700 })
    writeFileSync(join(home, 'runcomfy/token.json'), JSON.stringify(file), { mode: 0o600 })
  }
  const variables = { XDG_CONFIG_HOME: home, ...env } as unknown as NodeJS.ProcessEnv
  const environment = readEnvironment(variables, { home, hostname: 'laptop', platform: 'linux' })
  try {
    const { server, token, source } = findLogin(option, environment, () => undefined)
    return `${token} to ${server} from ${source.replace(home, '~')}`
  } catch (error) {
    const { exit, message } = error as { exit: number; message: string }
    return `${exit}: ${message.replace(home, '~')}`
  }
}

const file = { access_token: TOKEN, web_base: A }
const foreign = { access_token: 'rc_CANARY', refresh_token: null }
const fromFile = `${TOKEN} to ${A} from ~/runcomfy/token.json`
const unnamed =
  '77: ~/runcomfy/token.json was written by another command and does not say which server it is for. Run: runcomfy login --web-base'

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
  ['another command’s goes nowhere by itself', { file: foreign }, `${unnamed} https://slipway.example.org`],
  ['nor where it is told to, unless it is a Slipway’s', { file: foreign, option: B }, `${unnamed} ${B}`],
  [
    'a Slipway’s without a server goes where it is told to',
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
    'a server that is none is refused',
    { option: 'a.test' },
    "64: --web-base must be a server's address, as https://slipway.example.org",
  ],
  [
    'and so is one that holds a password',
    { env: { RUNCOMFY_WEB_BASE: 'https://me:CANARY@a.test' } },
    "64: RUNCOMFY_WEB_BASE must be a server's address, as https://slipway.example.org",
  ],
])('a token is for one server: %s', (_what, given, found) => {
  expect(find(given)).toBe(found)
})
