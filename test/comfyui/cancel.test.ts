import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { until } from '~/test/support/until'
import { ignore, never, outputsOf, startDriven } from './driver'
import { MODELS, sampled } from './workflows'

const versions = test.each([{ oldVersion: false }, { oldVersion: true }])

versions('a prompt that runs is interrupted: %o', async (faults) => {
  const { fake, comfy } = await startDriven({ models: MODELS, faults: { ...faults, slowStep: true } })
  const ours = randomUUID()
  const id = await comfy.submit(ours, sampled(), never())
  await until('it runs', () => fake.queue().queue_running.length)
  await comfy.cancel(ours, never())
  expect(await comfy.follow(id, sampled(), ignore, never())).toEqual({ kind: 'interrupted' })
})

versions("somebody else's prompt is never interrupted: %o", async (faults) => {
  const { fake, comfy } = await startDriven({ models: MODELS, faults: { ...faults, slowStep: true } })
  const other = await comfy.submit(randomUUID(), sampled(1), never())
  const waiting = randomUUID()
  await comfy.submit(waiting, sampled(2), never())
  await comfy.cancel(waiting, never())
  await comfy.cancel(randomUUID(), never())
  expect(fake.requests.map(({ url }) => url)).not.toContain('/interrupt')
  fake.release()
  outputsOf(await comfy.follow(other, sampled(1), ignore, never()))
})

test('one that begins while it is taken out of the queue is interrupted', async () => {
  const { fake, comfy } = await startDriven({ models: MODELS, faults: { slowStep: true } })
  const before = await comfy.submit(randomUUID(), sampled(1), never())
  const ours = await comfy.submit(randomUUID(), sampled(2), never())
  // ComfyUI takes the next prompt between the look and the deletion.
  fake.faults.before = async (route) => {
    if (route !== 'POST /queue') return
    await fetch(`${fake.url}/interrupt`, { method: 'POST', body: JSON.stringify({ prompt_id: before }) })
    await until('ours runs', () => fake.queue().queue_running[0]?.[1] === ours)
  }
  await comfy.cancel(ours, never())
  expect(await comfy.follow(ours, sampled(2), ignore, never())).toEqual({ kind: 'interrupted' })
})

test('what is over or was never there is taken back without a word', async () => {
  const { comfy } = await startDriven({ models: MODELS })
  const id = await comfy.submit(randomUUID(), sampled(), never())
  await comfy.follow(id, sampled(), ignore, never())
  await comfy.cancel(id, never())
  await comfy.cancel(randomUUID(), never())
})
