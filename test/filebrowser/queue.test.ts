import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Refusal } from '~/filebrowser/refusal'
import { inAMoment } from '~/providers/refusal'
import { until } from '../support/until'
import { HUB, openQueue } from './queue-harness'

test('at most three run at once, and the fourth begins when one ends', async () => {
  const { add, states, settled, transferOf, transfers } = await openQueue()
  await add('a', 'b', 'c', 'd', 'e')
  expect(states()).toEqual(['checking', 'checking', 'checking', 'queued', 'queued'])
  transferOf('b').finish()
  await settled('checking', 'done', 'checking', 'checking', 'queued')
  transferOf('a').fail(new Refusal('archived', 'Gone.'))
  await settled('failed', 'done', 'checking', 'checking', 'checking')
  expect(transfers).toHaveLength(5)
})

test('the same file is asked for once, also by two at the same moment', async () => {
  const { downloads, transfers } = await openQueue()
  const ask = () => downloads.add([{ source: `${HUB}/a` }, { source: `${HUB}/a?download=true` }])
  const [one, other] = await Promise.all([ask(), ask()])
  expect(one.downloads).toHaveLength(1)
  expect(other.downloads.map(({ id }) => id)).toEqual(one.downloads.map(({ id }) => id))
  expect(transfers).toHaveLength(1)
  const { downloads: elsewhere } = await downloads.add([{ source: `${HUB}/a`, folder: 'input' }])
  expect(elsewhere[0]?.id).not.toBe(one.downloads[0]?.id)
})

test('two downloads of one name have one writer: the second waits until the first has ended', async () => {
  const { downloads, transferOf, transfers, settled } = await openQueue()
  await downloads.add([{ source: `${HUB}/a/model.bin` }, { source: `${HUB}/b/model.bin` }])
  const [first, second] = transfers
  await first?.find()
  await settled('downloading', 'checking')
  await second?.find()
  await settled('downloading', 'queued')
  expect(transfers).toHaveLength(2)
  first?.finish()
  await settled('done', 'checking')
  expect(transferOf('b').request.id).toBe(second?.request.id)
})

test('a folder by another name is the same folder: one writer all the same', async () => {
  const { workspace, downloads, transfers, settled } = await openQueue()
  await downloads.add([
    { source: `${HUB}/a`, folder: 'input' },
    { source: `${HUB}/a`, folder: 'output' },
  ])
  await until('both have begun', () => transfers.length === 2)
  const whole = join(workspace.root, 'input/a')
  const into = (folder: string) => transfers.find(({ request }) => request.folder === folder)
  const [first, second] = [into('input'), into('output')]
  first?.progress.onTarget?.({ folder: 'input', name: 'a', whole })
  expect(() => second?.progress.onTarget?.({ folder: 'output', name: 'a', whole })).toThrow('Another')
  second?.fail(new Refusal('network', 'However it is told on its way.'))
  await settled('checking', 'queued')
})

test('who is told to come back in a while waits and begins again, and so do the others of that source', async () => {
  const { add, view, transferOf, settled, timers, transfers } = await openQueue({ atOnce: 1 })
  const [a] = await add('a', 'b')
  transferOf('a').fail(new Refusal('rate_limited', 'Too many.', undefined, 90))
  await settled('waiting', 'queued')
  expect(view(a)).toMatchObject({
    waitUntil: new Date(timers.now() + 90_000).toISOString(),
    error: { code: 'rate_limited' },
    finishedAt: null,
  })
  timers.advance(89_999)
  expect(transfers).toHaveLength(1)
  timers.advance(1)
  await settled('checking', 'queued')
  expect(view(a)).toMatchObject({ waitUntil: null, error: null })
})

test('somebody who resumes a waiting one is not kept waiting', async () => {
  const { add, downloads, transferOf, settled } = await openQueue()
  const [a] = await add('a')
  transferOf('a').fail(new Refusal('rate_limited', 'Too many.', undefined, 90))
  await settled('waiting')
  await downloads.act('resume', [a ?? ''])
  await settled('checking')
})

test('a limit for longer than 15 minutes fails and says until when', async () => {
  const { add, view, transferOf, settled } = await openQueue()
  const [a] = await add('a')
  transferOf('a').fail(new Refusal('rate_limited', 'Too many.', undefined, 24 * 3600))
  await settled('failed')
  expect(view(a).error?.message).toBe('Too many. It opens again at 2026-01-02 00:00 UTC.')
})

test('a limit that never ends does not keep a machine awake for ever', async () => {
  const { add, transferOf, settled, timers } = await openQueue()
  await add('a')
  for (let time = 0; time < 10; time++) {
    transferOf('a').fail(new Refusal('rate_limited', 'Too many.', undefined, 60))
    await settled('waiting')
    timers.advance(60_000)
    await settled('checking')
  }
  transferOf('a').fail(new Refusal('rate_limited', 'Too many.', undefined, 60))
  await settled('failed')
})

test('an outage of half an hour fails nothing: it is waited for with growing pauses, anew after every progress', async () => {
  const { add, downloads, view, transferOf, settled, timers } = await openQueue()
  const [a = ''] = await add('a')
  const lose = async () => {
    transferOf('a').fail(inAMoment(new Refusal('network', 'Lost.')))
    await settled('waiting')
    return (Date.parse(view(a).waitUntil ?? '') - timers.now()) / 60_000
  }
  for (const minutes of [0.5, 1, 2, 5, 10, 15]) {
    expect(await lose()).toBe(minutes)
    timers.advance(minutes * 60_000)
    await settled('checking')
  }
  await transferOf('a').find(100, 10)
  expect(await lose()).toBe(0.5)
  await downloads.act('resume', [a])
  await settled('checking')
})

test('an outage that never ends fails in the end, with the reason', async () => {
  const { add, view, transferOf, settled, timers } = await openQueue()
  const [a] = await add('a')
  for (let time = 0; time < 6; time++) {
    transferOf('a').fail(inAMoment(new Refusal('network', 'Lost.')))
    await settled('waiting')
    timers.advance(15 * 60_000)
    await settled('checking')
  }
  transferOf('a').fail(inAMoment(new Refusal('network', 'Lost.')))
  await settled('failed')
  expect(view(a).error).toMatchObject({ code: 'network', message: 'Lost.' })
})

test('a network that says no is tried once more after 30 seconds, and again after bytes that were never there', async () => {
  const { add, transferOf, settled, timers } = await openQueue()
  await add('a')
  const lose = () => transferOf('a').fail(new Refusal('network', 'Lost.'))
  lose()
  await settled('waiting')
  timers.advance(30_000)
  await settled('checking')
  await transferOf('a').find(100, 10)
  lose()
  await settled('waiting')
  timers.advance(30_000)
  await settled('checking')
  await transferOf('a').find(100, 10)
  lose()
  await settled('failed')
})

test('what nobody foresaw fails with a plain sentence, and the operator reads what it was', async () => {
  const { add, view, transferOf, settled, faults } = await openQueue()
  const [a] = await add('a')
  transferOf('a').fail(new TypeError('details of the inside'))
  await settled('failed')
  expect(view(a).error).toEqual({ code: 'internal', message: expect.not.stringContaining('inside') })
  expect(faults).toHaveLength(1)
})

test('a token is neither taken into the list nor shown by what failed', async () => {
  const token = 'hf_CANARYqueuequeuequeue'
  const queue = await openQueue({ tokens: { huggingface: token } })
  const { refused } = await queue.downloads.add([{ source: `${HUB}/${token}/a` }])
  expect(refused).toMatchObject([{ error: { code: 'bad_url' } }])
  const [a] = await queue.add('a')
  queue.transferOf('a').progress.onNotice(`Sent ${token}.`)
  queue.transferOf('a').fail(new Refusal('archived', `Refused ${token}.`))
  await queue.settled('failed')
  expect(queue.view(a)).toMatchObject({
    notices: ['Sent [secret].'],
    error: { message: 'Refused [secret].' },
  })
})

test('an address that stands for several files becomes all of them but for what is refused of it, or is refused as a whole', async () => {
  const { downloads } = await openQueue({
    expand: async (source) => {
      if (source.includes('none')) throw new Refusal('not_found_or_private', 'Nothing there.')
      const refusal = new Refusal('revision_or_file_missing', 'No such part.')
      const files = [{ source: `${HUB}/a` }, { source: `${HUB}/b`, folder: 'models/loras' }]
      return { files, refused: [{ source: 'owner/part?token=CANARY', refusal }] }
    },
  })
  const { downloads: views, refused } = await downloads.add([
    { source: 'owner/model' },
    { source: 'owner/none' },
  ])
  expect(views).toMatchObject([{ name: 'a' }, { name: 'b', folder: 'models/loras' }])
  expect(refused).toMatchObject([
    { source: 'owner/part?token=…', error: { code: 'revision_or_file_missing' } },
    { source: 'owner/none', error: { code: 'not_found_or_private' } },
  ])
  const named = await downloads.add([{ source: 'owner/model', name: 'one.bin' }])
  expect(named.refused).toMatchObject([{ error: { code: 'bad_request' } }])
})

test('of many addresses that stand for several files four are asked about at once', async () => {
  let open = 0
  let most = 0
  const { downloads } = await openQueue({
    expand: async (source) => {
      most = Math.max(most, ++open)
      await new Promise(setImmediate)
      open--
      return { files: [{ source: `${HUB}/${source.slice(-1)}` }], refused: [] }
    },
  })
  const sources = Array.from({ length: 9 }, (_, at) => ({ source: `owner/${at}` }))
  expect((await downloads.add(sources)).downloads).toHaveLength(9)
  expect(most).toBe(4)
})
