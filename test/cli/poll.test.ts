import { describe, expect, test } from 'vitest'
import { awaitApproval } from '~/cli/device-login/poll'
import { CliError, EXIT } from '~/cli/exits'
import type { Answer } from '~/cli/http/answer'
import { testClock } from '../support/clock'

const TOKEN = 'slipway_cli_CANARY'
const SERVER = 'https://slipway.test'
const answer = (body: unknown, status = 200, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: new Headers(headers),
  body,
})
const pending = answer({ status: 'pending' })
const authorized = answer({ status: 'authorized', access_token: TOKEN })
const away = new CliError(EXIT.upstream, `${SERVER} can't be reached.`)

/** @param answers one after the other; the last one again and again */
async function poll(answers: (Answer | Error)[], grant = { expiresInSeconds: 600, pollSeconds: 2 }) {
  const now = testClock()
  const asked: number[] = []
  const notes: string[] = []
  const began = now()
  const ended = await awaitApproval(grant, {
    server: SERVER,
    now,
    pause: async (ms) => now.advance(ms),
    note: (text) => void notes.push(text),
    async ask() {
      const next = answers[Math.min(asked.length, answers.length - 1)]
      asked.push((now() - began) / 1000)
      if (next instanceof Error) throw next
      if (!next) throw new Error('Nothing is answered.')
      return next
    },
  }).then(
    (token) => ({ token }),
    (error: CliError) => ({ exit: error.exit, message: error.message }),
  )
  return { ...ended, asked, notes, tookSeconds: (now() - began) / 1000 }
}

test('waits first, then asks at the server’s pace until it has the token', async () => {
  expect(await poll([pending, pending, authorized])).toMatchObject({
    token: TOKEN,
    asked: [2, 4, 6],
    notes: [],
  })
})

test('waits as long as it is told to, and no longer than the code lives', async () => {
  const later = answer({ status: 'pending' }, 200, { 'retry-after': '30' })
  expect(await poll([later, authorized])).toMatchObject({ token: TOKEN, asked: [2, 32] })
  const muchLater = answer({ status: 'pending' }, 429, { 'retry-after': '9000' })
  expect(await poll([muchLater])).toMatchObject({ exit: EXIT.tryAgain, tookSeconds: 600 })
})

test('gives up when its own deadline is there, whatever the server goes on to say', async () => {
  const { exit, message, asked, tookSeconds } = { message: '', exit: 0, ...(await poll([pending])) }
  expect({ exit, tookSeconds, count: asked.length }).toEqual({
    exit: EXIT.tryAgain,
    tookSeconds: 600,
    count: 299,
  })
  expect(message).toBe('Nobody authorized the login in time. Run it again for a new code.')
  expect(await poll([pending], { expiresInSeconds: 0, pollSeconds: 1 })).toMatchObject({ asked: [] })
})

describe('ends', () => {
  test.each<[string, Answer, number, RegExp]>([
    ['denied', answer({ status: 'denied' }, 410), EXIT.notAllowed, /was denied/],
    ['expired', answer({ status: 'expired' }, 410), EXIT.tryAgain, /in time/],
    ['an unknown status', answer({ status: 'perhaps' }), EXIT.upstream, /doesn't know/],
    ['an unknown status of an object’s', answer({ status: 'toString' }), EXIT.upstream, /doesn't know/],
    ['a list', answer([1]), EXIT.upstream, /doesn't know/],
    ['no token', answer({ status: 'authorized' }), EXIT.upstream, /doesn't know/],
    [
      'a token with a line break',
      answer({ status: 'authorized', access_token: `${TOKEN}\n` }),
      69,
      /doesn't know/,
    ],
    ['a page', answer(undefined, 200, { 'content-type': 'text/html' }), EXIT.upstream, /text\/html/],
    ['no such page', answer(undefined, 404, { 'content-type': 'text/html' }), EXIT.badInput, /404/],
  ])('at once with %s', async (_what, given, exit, message) => {
    const ended = await poll([pending, given])
    expect(ended).toMatchObject({ exit, message: expect.stringMatching(message), asked: [2, 4] })
    expect(JSON.stringify(ended)).not.toContain(TOKEN)
  })

  test('at once with a redirect, and with an error that is none of the network’s', async () => {
    const redirect = new CliError(EXIT.badInput, 'It sends on to another page.')
    expect(await poll([redirect])).toMatchObject({ exit: EXIT.badInput, asked: [2] })
    expect(await poll([new TypeError('a fault in the program')])).toMatchObject({ asked: [2] })
  })
})

test.each<[string, Answer | Error, string]>([
  ['is away', away, away.message],
  ['fails', answer({ error: 'x' }, 500), `${SERVER} answered with status 500.`],
  ['is behind a proxy that fails', answer(undefined, 502), `${SERVER} answered with status 502.`],
  ['limits', answer({ error: 'x' }, 429), `${SERVER} answered with status 429.`],
])('outlives a server that %s for a while, and says so once', async (_how, trouble, said) => {
  const note = `${said} Still waiting.`
  const ended = await poll([trouble, trouble, trouble, pending, trouble, authorized])
  expect(ended).toMatchObject({ token: TOKEN, notes: [note, note] })
  expect(await poll([trouble])).toMatchObject({ exit: EXIT.tryAgain, tookSeconds: 600, notes: [note] })
})
