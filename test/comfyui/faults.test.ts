import { randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import type { ComfyUi, OutputFile } from '~/worker/comfyui/comfyui'
import { RequestError } from '~/worker/requests/request-error'
import { driverOf, ignore, never, startDriven } from './driver'
import { plainPicture } from './workflows'

const ODDITIES = ['error500', 'hang', 'garbage', 'huge', 'redirect', 'cutOff', 'stall'] as const
const FILE: OutputFile = { filename: 'a.png', subfolder: '', type: 'output' }

/** Asked again it would be no other. */
const DEFINITE = new Map([
  ['open huge', 'result_too_large'],
  ['missing error500', 'node_failed'],
])

const CALLS: [string, string, (comfy: ComfyUi, signal: AbortSignal) => Promise<unknown>][] = [
  ['missing', '/object_info', (comfy, signal) => comfy.missing(plainPicture(), signal)],
  ['upload', '/upload', (comfy, signal) => comfy.upload('a.png', 'image/png', Buffer.from('a'), signal)],
  ['submit', '/prompt', (comfy, signal) => comfy.submit(randomUUID(), plainPicture(), signal)],
  ['find', '/queue', (comfy, signal) => comfy.find(randomUUID(), signal)],
  ['find', '/history', (comfy, signal) => comfy.find(randomUUID(), signal)],
  ['follow', '/history', (comfy, signal) => comfy.follow(randomUUID(), plainPicture(), ignore, signal)],
  ['cancel', '/queue', (comfy, signal) => comfy.cancel(randomUUID(), signal)],
  ['open', '/view', async (comfy, signal) => buffer(await comfy.open(FILE, 1000, signal))],
]

describe.each(ODDITIES)('an answer of the kind %s', (oddity) => {
  test.each(CALLS)('ends %s at %s with a reason', async (name, path, call) => {
    const { fake } = await startDriven({ faults: { answers: { [path]: oddity } } })
    const comfy = driverOf(fake, { callMs: ['hang', 'stall'].includes(oddity) ? 150 : 20_000 })
    const outcome = await call(comfy, never()).catch((error: RequestError) => error)
    // A file may hold anything.
    if (name === 'open' && oddity === 'garbage') return expect(outcome).toBeInstanceOf(Buffer)
    if (!(outcome instanceof RequestError)) return expect(outcome).toBeInstanceOf(RequestError)
    expect(outcome.errorClass).toBe(DEFINITE.get(`${name} ${oddity}`) ?? 'comfyui_unreachable')
    if (oddity === 'huge' && name !== 'open') expect(outcome.detail).toMatch(/longer than \d+ bytes/)
    expect(outcome.detail.length).toBeLessThan(300)
    expect(fake.requests.map(({ url }) => url)).not.toContain('/__elsewhere')
    if (name === 'submit') expect(fake.requests.filter(({ url }) => url === path)).toHaveLength(1)
  })
})

test.each(CALLS)('%s at %s ends with the reason of the signal', async (_name, path, call) => {
  const { comfy } = await startDriven({ faults: { answers: { [path]: 'hang' } } })
  const stop = new AbortController()
  const outcome = call(comfy, stop.signal)
  const reason = new Error('enough')
  stop.abort(reason)
  await expect(outcome).rejects.toBe(reason)
})

test.each(CALLS)('%s at %s says so when nothing listens there', async (_name, _path, call) => {
  const { fake, comfy } = await startDriven()
  await fake.close()
  await expect(call(comfy, never())).rejects.toMatchObject({ errorClass: 'comfyui_unreachable' })
})

test('an answer that comes byte by byte is not waited for longer than for another', async () => {
  const { comfy } = await startDriven({ faults: { answers: { '/queue': 'drip' } } }, { callMs: 150 })
  await expect(comfy.find(randomUUID(), never())).rejects.toMatchObject({ errorClass: 'comfyui_unreachable' })
})
