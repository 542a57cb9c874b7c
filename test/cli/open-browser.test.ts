import { expect, test } from 'vitest'
import { readEnvironment } from '~/cli/environment'
import { browserCommand } from '~/cli/open-browser'

const PAGE = 'https://slipway.test/cli-auth?a=1&b=$(id)'
const SCREEN = { DISPLAY: ':0' }

test.each<[string, Record<string, string>, NodeJS.Platform, string[] | undefined]>([
  ['at a screen of Linux', SCREEN, 'linux', ['xdg-open', PAGE]],
  ['at a screen of Wayland', { WAYLAND_DISPLAY: 'wayland-0' }, 'linux', ['xdg-open', PAGE]],
  ['on a Mac', {}, 'darwin', ['open', PAGE]],
  ['on Windows', {}, 'win32', ['rundll32', 'url.dll,FileProtocolHandler', PAGE]],
  ['not without a screen', {}, 'linux', undefined],
  ['not over SSH', { ...SCREEN, SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }, 'linux', undefined],
  ['not over SSH to a Mac', { SSH_TTY: '/dev/pts/1' }, 'darwin', undefined],
  [
    'with the browser that somebody chose',
    { BROWSER: 'firefox --new-tab' },
    'linux',
    ['firefox', '--new-tab', PAGE],
  ],
  ['with the first of several', { ...SCREEN, BROWSER: 'one:two' }, 'linux', ['one', PAGE]],
  ['where its address belongs', { BROWSER: 'open %s --quietly' }, 'linux', ['open', PAGE, '--quietly']],
  [
    'over SSH with a browser that was chosen there',
    { SSH_TTY: '/dev/pts/1', BROWSER: 'code' },
    'linux',
    ['code', PAGE],
  ],
])('a page opens %s, its address an argument of its own', (_where, env, platform, command) => {
  const variables = env as unknown as NodeJS.ProcessEnv
  const environment = readEnvironment(variables, { home: '/home/ana', hostname: 'laptop', platform })
  expect(browserCommand(new URL(PAGE), environment)).toEqual(command)
})

test.each(['file:///etc/passwd', 'javascript:alert(1)', 'vscode://x'])('%s is never opened', (url) => {
  const environment = readEnvironment({ BROWSER: 'firefox' } as unknown as NodeJS.ProcessEnv, {
    home: '/home/ana',
    hostname: 'laptop',
    platform: 'linux',
  })
  expect(browserCommand(new URL(url), environment)).toBeUndefined()
})
