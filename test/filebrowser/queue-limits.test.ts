import { expect, test } from 'vitest'
import { Refusal } from '~/filebrowser/refusal'
import { issuerSettings } from '~/providers/issuers'
import { openQueue } from './queue-harness'

const DAY_SECONDS = 24 * 3600
const limit = (seconds?: number) => new Refusal('rate_limited', 'Too many.', undefined, seconds)
const NAMES = Array.from({ length: 40 }, (_, index) => `file-${index}`)
const all = <T>(state: T) => NAMES.map(() => state)

/** Forty files of one source, of which the first was told that it is too much. */
async function limited(seconds?: number) {
  const queue = await openQueue({ atOnce: 1 })
  const ids = await queue.add(...NAMES)
  queue.transferOf('file-0').fail(limit(seconds))
  await queue.settled(...all('failed' as const))
  return { ...queue, ids }
}

test('a limit that nobody waits for is told once: all others of that source fail with it unasked', async () => {
  const { downloads, transfers } = await limited(DAY_SECONDS)
  expect(transfers).toHaveLength(1)
  const reasons = downloads.list().map(({ error }) => `${error?.code} ${error?.message}`)
  expect(new Set(reasons)).toEqual(
    new Set(['rate_limited Too many. It opens again at 2026-01-02 00:00 UTC.']),
  )
})

test('a limit without a time holds its source for 15 minutes, and what is asked for after them is fetched', async () => {
  const { add, timers, transfers, states } = await limited()
  timers.advance(15 * 60_000 - 1)
  await add('x')
  expect([transfers.length, states().at(-1)]).toEqual([1, 'failed'])
  timers.advance(1)
  await add('y')
  expect([transfers.length, states().at(-1)]).toEqual([2, 'checking'])
})

test('whoever tries all again asks with one of them first, and the others hear what it was told', async () => {
  const { downloads, settled, transfers, transferOf, timers } = await limited(DAY_SECONDS)
  timers.advance(3600_000)
  await downloads.act('retry', 'all')
  await settled('checking', ...all('queued' as const).slice(1))
  transferOf('file-0').fail(limit(DAY_SECONDS))
  await settled(...all('failed' as const))
  expect(transfers).toHaveLength(2)
  expect(downloads.list()[0]?.error?.message).toContain('2026-01-02 01:00')
})

test('once bytes come for the first that asks again, the others begin too', async () => {
  const queue = await openQueue()
  await queue.add('a', 'b', 'c', 'd')
  queue.transferOf('a').fail(limit())
  await queue.settled('failed', 'checking', 'checking', 'failed')
  queue.transferOf('b').fail(limit())
  queue.transferOf('c').fail(limit())
  await queue.settled('failed', 'failed', 'failed', 'failed')
  await queue.downloads.act('retry', 'all')
  await queue.settled('checking', 'queued', 'queued', 'queued')
  await queue.transferOf('a').find(100, 10)
  await queue.settled('downloading', 'checking', 'checking', 'queued')
})

test('what is asked for anew after it failed asks again, and one that is stopped hands that on', async () => {
  const { add, ids, downloads, settled } = await limited(DAY_SECONDS)
  expect(await add('file-0', 'file-1')).toEqual(ids.slice(0, 2))
  const rest = all('failed' as const).slice(2)
  await settled('checking', 'queued', ...rest)
  await downloads.act('pause', ids.slice(0, 1))
  await settled('paused', 'checking', ...rest)
})

test('the limit of one source, or of one host, is none of another', async () => {
  const hosts = { huggingfaceEndpoint: undefined, civitaiEndpoint: undefined }
  const issuers = issuerSettings({ ...hosts, downloadHosts: ['a.example', 'b.example'] })
  const { downloads, settled, transfers } = await openQueue({ atOnce: 1, issuers })
  const urls = ['https://a.example/1', 'https://b.example/1', 'https://a.example/2']
  await downloads.add(urls.map((source) => ({ source })))
  transfers[0]?.fail(limit(DAY_SECONDS))
  await settled('failed', 'checking', 'failed')
})
