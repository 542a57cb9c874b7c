import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { until } from '~/test/support/until'
import type { Progress } from '~/worker/comfyui/comfyui'
import { driverOf, ignore, never, outputsOf, startDriven } from './driver'
import { MODELS, plainPicture, sampled } from './workflows'

test('progress grows step by step, names the node that runs, and never goes back', async () => {
  const { fake, comfy } = await startDriven({ models: MODELS, faults: { slowStep: true } })
  const told: Progress[] = []
  const id = await comfy.submit(randomUUID(), sampled(), never())
  const end = comfy.follow(id, sampled(), (progress) => told.push(progress), never())
  await until('the driver listens', () => fake.listeners())
  fake.release(2)
  await until('half of the sampler is told', () => told.some(({ done }) => done > 0.05))
  fake.release()
  outputsOf(await end)
  expect(told.some(({ node }) => node === 'Paint')).toBe(true)
  expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).sort((a, b) => a - b))
  expect(told.length).toBeLessThan(20)
})

test('the end is heard of, not only looked for', async () => {
  const { fake, comfy } = await startDriven(
    { faults: { holdNode: 'EmptyImage' } },
    { lookEveryMs: 3_600_000 },
  )
  const id = await comfy.submit(randomUUID(), plainPicture(), never())
  const end = comfy.follow(id, plainPicture(), ignore, never())
  await until('the driver listens', () => fake.listeners())
  fake.release()
  expect((await end).kind).toBe('done')
})

test.each([{ noWebsocket: true }, { dropAfterFrames: 1 }, { dropAfterFrames: 3 }])(
  'a prompt is followed to its end with a websocket that is not there or breaks off: %o',
  async (faults) => {
    const { fake, comfy } = await startDriven({ models: MODELS, faults: { ...faults, slowStep: true } })
    const id = await comfy.submit(randomUUID(), sampled(), never())
    const end = comfy.follow(id, sampled(), ignore, never())
    await until('it runs', () => fake.queue().queue_running.length)
    fake.release()
    expect(outputsOf(await end).get('6')?.files[0]).toEqual({
      filename: 'one_00001_.png',
      subfolder: 'boats',
      type: 'output',
    })
  },
)

test('what ended before anybody looked is found', async () => {
  const { fake, comfy } = await startDriven()
  const id = await comfy.submit(randomUUID(), plainPicture(), never())
  await until('it is over', () => fake.queue().queue_running.length === 0)
  expect((await comfy.follow(id, plainPicture(), ignore, never())).kind).toBe('done')
})

test('a node that fails is named, with what it says as one line without anything invisible', async () => {
  const { comfy } = await startDriven({
    models: MODELS,
    faults: { failNode: 'KSampler', failWith: `out\n of \u001b[31mmemory\u202e${'!'.repeat(5000)}` },
  })
  const id = await comfy.submit(randomUUID(), sampled(), never())
  const end = await comfy.follow(id, sampled(), ignore, never())
  expect(end).toMatchObject({ kind: 'failed', node: '4', nodeClass: 'KSampler' })
  if (end.kind !== 'failed') return
  expect(end.message).toMatch(/^out of memory\ufffd!+…$/)
  expect(end.message.length).toBeLessThanOrEqual(300)
  expect(end.detail).toContain('execution.py')
})

test('a prompt that somebody interrupts ends as interrupted', async () => {
  const { fake, comfy } = await startDriven({ models: MODELS, faults: { slowStep: true } })
  const id = await comfy.submit(randomUUID(), sampled(), never())
  await until('it runs', () => fake.queue().queue_running.length)
  const end = comfy.follow(id, sampled(), ignore, never())
  await fetch(`${fake.url}/interrupt`, { method: 'POST', body: '{}' })
  expect(await end).toEqual({ kind: 'interrupted' })
})

test('a prompt that ComfyUI has forgotten ends the following', async () => {
  const { fake, comfy } = await startDriven({ faults: { forgets: true } })
  const id = await comfy.submit(randomUUID(), plainPicture(), never())
  await expect(comfy.follow(id, plainPicture(), ignore, never())).rejects.toMatchObject({
    errorClass: 'comfyui_unreachable',
    detail: 'ComfyUI does not know the prompt any more.',
  })
  expect(fake.accepted()).toHaveLength(1)
})

test('a ComfyUI that answers nothing for a while is waited for', async () => {
  const { fake } = await startDriven({ faults: { answers: { '/queue': 'error500' } } })
  const comfy = driverOf(fake, { silentMs: 20_000 })
  const id = await comfy.submit(randomUUID(), plainPicture(), never())
  const end = comfy.follow(id, plainPicture(), ignore, never())
  await until('it was asked', () => fake.requests.filter(({ url }) => url === '/queue').length > 1)
  fake.faults.answers = {}
  expect((await end).kind).toBe('done')
})

test('following ends with the reason of the signal', async () => {
  const { fake, comfy } = await startDriven({ models: MODELS, faults: { slowStep: true } })
  const id = await comfy.submit(randomUUID(), sampled(), never())
  const stop = new AbortController()
  const end = comfy.follow(id, sampled(), ignore, stop.signal)
  await until('the driver listens', () => fake.listeners())
  stop.abort(new Error('enough'))
  await expect(end).rejects.toThrow('enough')
  await until('the driver has hung up', () => fake.listeners() === 0)
})

test('nodes that ran before count as done', async () => {
  const { fake, comfy } = await startDriven({ models: MODELS })
  const first = await comfy.submit(randomUUID(), sampled(), never())
  await comfy.follow(first, sampled(), ignore, never())
  const workflow = { ...sampled(), '7': { class_type: 'Environment', inputs: {} } }
  const told: Progress[] = []
  fake.faults.holdNode = 'Environment'
  const id = await comfy.submit(randomUUID(), workflow, never())
  const end = comfy.follow(id, workflow, (progress) => told.push(progress), never())
  await until('the driver listens', () => fake.listeners())
  fake.release()
  expect(outputsOf(await end).get('6')?.files).toHaveLength(1)
})

test('what goes wrong while progress is told ends the following', async () => {
  const { fake, comfy } = await startDriven({ models: MODELS, faults: { slowStep: true } })
  const id = await comfy.submit(randomUUID(), sampled(), never())
  const refuse = () => {
    throw new Error('no room')
  }
  const end = comfy.follow(id, sampled(), refuse, never())
  end.catch(ignore)
  await until('the driver listens', () => fake.listeners())
  fake.release(2)
  await expect(end).rejects.toThrow('no room')
})
