import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DownloadAction, DownloadState } from '~/filebrowser/contract'
import { isAllowed, mayFollow, stateAfter } from '~/filebrowser/downloads/states'
import { Refusal } from '~/filebrowser/refusal'
import { until } from '../support/until'
import { HUB, openQueue } from './queue-harness'

const STATES: DownloadState[] = [
  'queued',
  'checking',
  'verifying',
  'downloading',
  'waiting',
  'paused',
  'done',
  'failed',
  'canceled',
]
const ACTIONS: DownloadAction[] = ['pause', 'resume', 'cancel', 'retry', 'remove']

describe('what may be asked for', () => {
  for (const state of STATES)
    test(`of one that is ${state}: what is allowed leads where the table of moves goes, the rest is refused with the cure`, () => {
      for (const action of ACTIONS)
        if (isAllowed(action, state)) {
          const next = stateAfter(action, state)
          if (next) expect(mayFollow(state, next)).toBe(true)
          else expect(['done', 'failed', 'canceled']).toContain(state)
        } else expect(() => stateAfter(action, state)).toThrow(/^This download .+\. Only what .+\.$/)
    })
})

test('pausing keeps what is on the disk, and resuming goes on from it', async () => {
  const { add, downloads, view, transferOf, transfers, settled, parts } = await openQueue()
  const [a = ''] = await add('a')
  await transferOf('a').find(100, 40)
  await downloads.act('pause', [a])
  expect(view(a)).toMatchObject({ state: 'paused', received: 40, finishedAt: null, bytesPerSecond: null })
  expect(await parts()).toEqual([`models/checkpoints/.slipway-${a}.part`])
  await downloads.act('resume', [a])
  await settled('checking')
  expect(transfers[1]?.request).toMatchObject({ id: a, known: { name: 'a', size: 100, version: 'v1' } })
})

test('a resume right after a pause waits until nothing of the first run is left', async () => {
  const { add, downloads, transferOf, transfers, settled } = await openQueue()
  const [a = ''] = await add('a')
  await transferOf('a').find()
  const pausing = downloads.act('pause', [a])
  const resuming = downloads.act('resume', [a])
  expect(transfers).toHaveLength(1)
  await Promise.all([pausing, resuming])
  await settled('checking')
  expect(transfers).toHaveLength(2)
})

test('canceling removes what is on the disk, running or paused, and trying again begins anew', async () => {
  const { add, downloads, transferOf, transfers, settled, parts } = await openQueue()
  const [a = '', b = ''] = await add('a', 'b')
  await transferOf('a').find(100, 40)
  await transferOf('b').find(100, 40)
  await downloads.act('pause', [b])
  await downloads.act('cancel', [a, b])
  expect(await parts()).toEqual([])
  await settled('canceled', 'canceled')
  await downloads.act('retry', [a])
  await settled('checking', 'canceled')
  expect(transfers.at(-1)?.request.known).toBeUndefined()
})

test('what failed goes on from what is on the disk, also when it is asked for anew; removing it takes that along', async () => {
  const { add, downloads, transferOf, settled, parts, transfers } = await openQueue()
  const [a = ''] = await add('a')
  const fail = async () => {
    await transferOf('a').find(100, 40)
    transferOf('a').fail(new Refusal('archived', 'Gone.'))
    await settled('failed')
  }
  await fail()
  expect(await add('a')).toEqual([a])
  await settled('checking')
  expect(transfers.at(-1)?.request.known).toMatchObject({ version: 'v1' })
  await fail()
  await downloads.act('remove', [a])
  expect(await parts()).toEqual([])
  expect(downloads.list()).toEqual([])
})

test('all that failed begin again at once, and for all means where it applies', async () => {
  const { add, downloads, transferOf, settled } = await openQueue()
  await add('a', 'b', 'c')
  for (const name of ['a', 'b']) transferOf(name).fail(new Refusal('archived', 'Gone.'))
  transferOf('c').finish()
  await settled('failed', 'failed', 'done')
  const { changed, refused } = await downloads.act('retry', 'all')
  expect([changed.length, refused.length]).toEqual([2, 0])
  await settled('checking', 'checking', 'done')
})

test('each that can’t is refused with a reason of its own, and the others happen', async () => {
  const { add, downloads, transferOf, settled } = await openQueue()
  const [a = '', b = ''] = await add('a', 'b')
  transferOf('a').finish()
  await settled('done', 'checking')
  const { changed, refused } = await downloads.act('pause', [a, b, 'none', a])
  expect(changed).toMatchObject([{ id: b, state: 'paused' }])
  expect(refused).toMatchObject([
    { id: a, error: { code: 'wrong_state', message: expect.stringContaining('is done') } },
    { id: 'none', error: { code: 'not_found' } },
  ])
})

test('what arrived while it was being paused is done', async () => {
  const { add, downloads, view, transferOf } = await openQueue()
  const [a = ''] = await add('a')
  await transferOf('a').find()
  transferOf('a').finish()
  await downloads.act('pause', [a])
  expect(view(a).state).toBe('done')
})

test('whatever is asked for in whatever order: never more than three run, one a file, and nothing is lost', async () => {
  const action = fc.constantFrom<DownloadAction | 'finish' | 'fail'>(...ACTIONS, 'finish', 'fail')
  const step = fc.record({ action, at: fc.nat(5) })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const { add, downloads, transfers, faults } = await openQueue()
      const ids = await add('a', 'b', 'c', 'd', 'e', 'f')
      const removed = new Set<string>()
      for (const { action, at } of steps) {
        const id = ids[at] ?? ''
        const transfer = transfers.filter(({ request }) => request.id === id).at(-1)
        if (action === 'finish') transfer?.finish()
        else if (action === 'fail') transfer?.fail(new Refusal('archived', 'Gone.'))
        else {
          const { changed } = await downloads.act(action, [id])
          if (action === 'remove' && changed.length > 0) removed.add(id)
        }
        await new Promise(setImmediate)
        const running = downloads.list().filter(({ state }) => state === 'checking')
        expect(running.length).toBeLessThanOrEqual(3)
      }
      const kept = ids.filter((id) => !removed.has(id))
      expect(downloads.list().map(({ id }) => id)).toEqual(kept.reverse())
      expect(faults).toEqual([])
      await downloads.close()
    }),
    { numRuns: 30 },
  )
})

test('of what is done or canceled the newest 500 stay on the list and on the disk, and all that failed', async () => {
  const { folder, add, downloads, transferOf, timers, settled } = await openQueue()
  const [failed] = await add('failed')
  await transferOf('failed').find(100, 40)
  transferOf('failed').fail(new Refusal('archived', 'Gone.'))
  await settled('failed')
  timers.advance(1000)
  const { downloads: added } = await downloads.add(
    Array.from({ length: 520 }, (_, index) => ({ source: `${HUB}/${index}` })),
  )
  await downloads.act(
    'cancel',
    added.slice(3).map(({ id }) => id),
  )
  timers.advance(1000)
  for (const name of ['0', '1', '2']) transferOf(name).finish()
  const records = async () => (await readdir(join(folder, '.slipway/downloads'))).length
  await until('501 are left', async () => (await records()) === 501 && downloads.list().length === 501)
  expect(downloads.list().at(-1)).toMatchObject({ id: failed, state: 'failed', received: 40 })
  expect(downloads.list().filter(({ state }) => state === 'done')).toHaveLength(3)
})
