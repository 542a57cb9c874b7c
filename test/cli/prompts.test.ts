import { describe, expect, it, test } from 'vitest'
import { listProviderTokens } from '~/db/provider-tokens'
import { startUpstream } from '../web/upstream'
import { atTerminal } from './at-terminal'
import { startCliSite } from './site'

const TOKEN = 'hf_CANARYfirst0123456789'

/** A question of the command's at a terminal. */
async function asked(args: string, question: string, env: Record<string, string> = {}) {
  const { site, envOf } = await startCliSite()
  const terminal = atTerminal(args, { ...envOf(site.admin), ...env })
  await terminal.prints(question)
  const visible = () => listProviderTokens(site.db, site.admin.id).map((row) => row.visible)
  /** What the terminal is like once the command has ended. */
  const settings = async (code: number) => {
    await terminal.prints(`ended with ${code}`)
    await terminal.prints('echo ')
    return terminal.shown().split(`ended with ${code}`)[1]
  }
  return { ...terminal, visible, settings }
}
const setting = (more = '', env?: Record<string, string>) =>
  asked(`provider-tokens set hf ${more}`, 'Your Hugging Face token', env)

describe('a hidden prompt', () => {
  it('does not show what is typed', async () => {
    const { type, prints, shown, visible } = await setting('-vv')
    type(`${TOKEN}\r`)
    await prints('ended with 0')
    expect(visible()).toEqual([TOKEN.slice(0, 6)])
    expect(shown()).not.toContain('CANARY')
  })

  it.each([
    ['Ctrl-C', '\u0003', 130],
    ['Ctrl-D', '\u0004', 1],
  ])('is left with %s: nothing saved, and the terminal as it was', async (_key, key, code) => {
    const { type, prints, shown, visible, settings } = await setting()
    // Not the end of the input while there is something in the line.
    type(code === 1 ? key : `hf_CANARY${key}`)
    await prints('Error: Nothing was done.')
    expect(await settings(code)).toMatch(/ icanon .* echo /s)
    expect(shown()).not.toContain('CANARY')
    expect(visible()).toEqual([])
  })
})

test('the end of the input at a confirmation is a no', async () => {
  const { type, prints, shown } = await asked('provider-tokens clear hf', '[y/N]')
  type('\u0004')
  await prints('ended with 1\r\n')
  expect(shown()).toContain('\r\nError: Nothing was done.')
})

describe('no escape sequence is written to', () => {
  const PLAIN = [
    ['a terminal that is asked for no colours', { NO_COLOR: '1' }],
    ['a dumb terminal', { TERM: 'dumb' }],
  ] as const

  test.each(PLAIN)('%s by a prompt', async (_what, env) => {
    const { type, prints, shown, visible } = await setting('--output json', env)
    type(`${TOKEN}\r`)
    await prints('ended with 0')
    expect(shown()).not.toContain('\u001b')
    expect(shown()).toMatch(/^Your Hugging Face token \(not shown\): \r\n\{.*\}\r\n/)
    expect(visible()).toEqual([TOKEN.slice(0, 6)])
  })

  /** What a terminal shows of a download that comes on, of a machine whose file manager is played. */
  async function following(env: Record<string, string>) {
    const view = (state: string) => ({ id: 'x', name: 'one', state, folder: null, received: 1, size: 2 })
    const events = ['downloading', 'done'].map((state) => ({ type: 'changed', downloads: [view(state)] }))
    const space = { free: 1, total: 1 }
    const answers = new Map([
      ['/api/preflight', JSON.stringify({ title: 'One', files: [], space, complete: true, notices: [] })],
      ['/api/downloads', JSON.stringify({ downloads: [view('queued')], refused: [] })],
      ['/api/downloads/events', events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')],
    ])
    const { address } = await startUpstream(({ url }, answer) => answer.end(answers.get(url ?? '')))
    const { site, envOf } = await startCliSite({ env: { MACHINES_DOMAIN: 'localhost' } })
    const machine = site.runMachine(site.admin, { address })
    const terminal = atTerminal(`downloads add ${machine} a/b -f`, { ...envOf(site.admin), ...env })
    await terminal.prints('ended with 0')
    expect(terminal.shown()).toContain('one: done')
    return terminal.shown()
  }

  test.each(PLAIN)('%s by progress', async (_what, env) => {
    expect(await following(env)).not.toContain('\u001b')
  })

  test('any but those', async () => {
    expect(await following({})).toContain('\u001b')
  })
})
