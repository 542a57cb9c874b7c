import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { ignore, never, startDriven } from './driver'
import { MODELS, plainPicture, sampled } from './workflows'

test('what ComfyUI finds wrong is said by the names that people gave their nodes', async () => {
  const { fake, comfy } = await startDriven({ models: MODELS })
  const workflow = sampled(1, 0)
  if (workflow['4']) workflow['4'].inputs.sampler_name = 'nonsense'
  await expect(comfy.submit(randomUUID(), workflow, never())).rejects.toMatchObject({
    errorClass: 'refused',
    said: [
      'ComfyUI refused the workflow:',
      'Paint: Value 0 smaller than min of 1: steps',
      "Paint: Value not in list: sampler_name: 'nonsense' not in ['euler', 'dpmpp_2m']",
    ].join('\n'),
  })
  expect(fake.accepted()).toEqual([])
})

test('however much ComfyUI finds wrong, what is said is short and visible', async () => {
  const fault = { type: 'x', message: `a\u0000${'b'.repeat(9000)}`, details: 'c\nd\u202e', extra_info: {} }
  const node_errors = { '1': { class_type: 'EmptyImage', errors: Array.from({ length: 500 }, () => fault) } }
  const { comfy } = await startDriven({ faults: { refuse: { error: { message: 'No' }, node_errors } } })
  const error = await comfy.submit(randomUUID(), plainPicture(), never()).catch((error) => error)
  expect(error.errorClass).toBe('refused')
  expect(error.said.split('\n')).toHaveLength(12)
  expect(error.said).toMatch(/: c d\ufffd\n.*and 490 more$/s)
  expect(error.said.length).toBeLessThan(3000)
  expect(error.said).not.toContain('\u0000')
})

test.each([
  [{ error: 'no prompt', node_errors: [] }, 'no prompt'],
  [{ error: { message: 'Prompt has no outputs', details: '' } }, 'Prompt has no outputs'],
  ['whatever', 'It answered 400.'],
])('a refusal of another shape is one, too: %j', async (refuse, said) => {
  const { comfy } = await startDriven({ faults: { refuse: refuse as object } })
  await expect(comfy.submit(randomUUID(), plainPicture(), never())).rejects.toMatchObject({
    errorClass: 'refused',
    said: `ComfyUI refused the workflow:\n${said}`,
  })
})

test.each([{}, { oldVersion: true }])(
  'a prompt whose answer was lost is sent once, and found again: %o',
  async (faults) => {
    const { fake, comfy } = await startDriven({ faults: { ...faults, dropsAnswer: true } })
    const ours = randomUUID()
    await expect(comfy.submit(ours, plainPicture(), never())).rejects.toMatchObject({
      errorClass: 'comfyui_unreachable',
    })
    expect(fake.accepted()).toMatchObject([{ mark: ours }])
    const { promptId } = await comfy.find(ours, never())
    expect(promptId).toBe(fake.accepted()[0]?.id)
    expect(await comfy.follow(promptId, plainPicture(), ignore, never())).toMatchObject({ kind: 'done' })
    expect(await comfy.find(ours, never())).toMatchObject({ promptId, state: { kind: 'done' } })
    expect(fake.accepted()).toHaveLength(1)
  },
)

test('a prompt that is on its way when it is looked for is found', async () => {
  const { fake, comfy } = await startDriven({ faults: { holdNode: 'EmptyImage' } })
  const ours = randomUUID()
  // The queue has been looked at by then.
  fake.faults.before = async (route) => {
    if (route !== 'GET /history') return
    fake.faults.before = undefined
    await comfy.submit(ours, plainPicture(), never())
  }
  expect((await comfy.find(ours, never())).state).toEqual({ kind: 'running' })
})

test('no page can be told from what the driver sends', async () => {
  const { fake, comfy } = await startDriven()
  const id = await comfy.submit(randomUUID(), plainPicture(), never())
  await comfy.follow(id, plainPicture(), ignore, never())
  for (const { headers } of fake.requests) {
    expect(headers.origin).toBeUndefined()
    expect(headers['sec-fetch-site']).toBeUndefined()
  }
})
