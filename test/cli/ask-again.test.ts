import { PassThrough } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { askToLaunch } from '~/cli/commands/machines/launch'
import { CliError, EXIT, LostAnswer } from '~/cli/exits'
import { networkFault } from '~/cli/http/network-faults'
import { openOutput } from '~/cli/output/output'
import { listen } from '../fakes/listen'
import { until } from '../support/until'
import { CANARY } from './fake-login-server'
import { runCommand } from './run-command'
import { running } from './running'

const lost = new LostAnswer(EXIT.upstream, 'Cut.')
const silent = new LostAnswer(EXIT.tryAgain, 'Silent.')
const away = new CliError(EXIT.upstream, 'Away.')
const refused = new CliError(EXIT.badInput, 'Refused.')

/** Asks for a machine of a server that answers this, one after the other, and at last gives one. */
async function launching(...answers: CliError[]) {
  let said = ''
  const stderr = new PassThrough().on('data', (chunk) => {
    said += chunk
  })
  const options = { mode: 'pretty', quiet: true, verbosity: 0 } as const
  const output = openOutput(options, { stdout: stderr, stderr }, { noColor: true, isDumb: true })
  let asked = 0
  const ask = async <T>() => {
    asked++
    const next = answers.shift()
    if (next) throw next
    return 'a machine' as T
  }
  const pauses: unknown[] = []
  const given = { output, ask, signal: new AbortController().signal }
  const wait = async (ms: unknown) => void pauses.push(ms) as never
  const ended = await askToLaunch(given, async () => 'a machine', wait).catch((error) => error)
  return { ended, asked, pauses, said }
}
const WARNING = 'Warning: It may have been launched all the same: runcomfy machines ls\n'

describe('what may arrive twice', () => {
  it('is asked again when the answer was lost, also while the server is away after that', async () => {
    expect(await launching(lost, away, lost)).toEqual({
      ended: 'a machine',
      asked: 4,
      pauses: [500, 1000, 2000],
      said: '',
    })
  })

  it.each([
    ['always', [lost, lost, lost, lost], 4],
    ['and the server stays away', [lost, away, away, away], 4],
    ['to a silence, of which each takes a minute', [silent, silent], 2],
  ])('and whose answer is lost %s may have been done, which is said', async (_how, answers, asked) => {
    const [ended] = answers
    expect(await launching(...answers)).toMatchObject({ ended, asked, said: WARNING })
  })

  it('is asked once, and is not said to be done, when the server never got it or refuses it', async () => {
    for (const error of [away, refused])
      expect(await launching(error)).toEqual({ ended: error, asked: 1, pauses: [], said: '' })
    expect(await launching(lost, refused)).toMatchObject({ ended: refused, asked: 2, said: '' })
  })
})

it('an answer is lost only of a connection that there was', async () => {
  const isLost = async (code: string) =>
    (await networkFault(Object.assign(new Error(), { code }), 'https://slipway.test')) instanceof LostAnswer
  for (const code of ['ECONNRESET', 'EPIPE', 'ANSWER_CUT_SHORT', 'ETIMEDOUT'])
    expect(await isLost(code)).toBe(true)
  for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EPROTO', 'HPE_INVALID_CONSTANT'])
    expect(await isLost(code)).toBe(false)
})

it('Ctrl-C while a machine is asked for says that there may be one', async () => {
  let asked = ''
  const server = await listen((request) => {
    asked = request.url ?? ''
  })
  onTestFinished(server.close)
  const env = { HOME: '/nonexistent', RUNCOMFY_WEB_BASE: server.url, RUNCOMFY_TOKEN: CANARY }
  const { ended, interrupt } = running((options) => runCommand(['machines', 'launch'], { ...options, env }))
  await until('it is asked', () => asked)
  interrupt()
  expect(await ended).toMatchObject({ code: 130, stderr: expect.stringContaining(WARNING) })
  expect(asked).toMatch(/machines\.launch/)
})
