import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { ignore, never, outputsOf, startDriven } from './driver'
import { plainPicture } from './workflows'

const run = async (
  { comfy }: Awaited<ReturnType<typeof startDriven>>,
  workflow: ReturnType<typeof plainPicture>,
) =>
  outputsOf(
    await comfy.follow(await comfy.submit(randomUUID(), workflow, never()), workflow, ignore, never()),
  )

test('an input that was uploaded is what a node loads', async () => {
  const driven = await startDriven()
  const image = await driven.comfy.upload('mine.png', 'image/png', Buffer.from('png'), never())
  const outputs = await run(driven, {
    '1': { class_type: 'LoadImage', inputs: { image } },
    '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } },
  })
  expect(outputs.get('2')?.files).toHaveLength(1)
})

test('texts, films and previews come out beside pictures', async () => {
  const driven = await startDriven({ environment: { HF_TOKEN: 'hf_CANARYabcdef', OTHER: 'x' } })
  const outputs = await run(driven, {
    ...plainPicture(),
    '3': { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
    '4': { class_type: 'SaveVideo', inputs: { images: ['1', 0], filename_prefix: 'film' } },
    '5': { class_type: 'Environment', inputs: {} },
    '6': { class_type: 'ShowText', inputs: { text: ['5', 0] } },
  })
  expect(outputs.get('3')?.files).toMatchObject([{ type: 'temp' }])
  expect(outputs.get('4')).toMatchObject({ files: [{ filename: 'film_00001_.mp4' }], texts: [] })
  expect(outputs.get('6')).toEqual({ files: [], texts: ['HF_TOKEN=hf_CAN'] })
})

test('a file of exactly as many bytes as may be comes whole, and one more byte is too many', async () => {
  const { fake, comfy } = await startDriven()
  writeFileSync(join(fake.workspace, 'output/a & b.bin'), Buffer.alloc(5000))
  const file = { filename: 'a & b.bin', subfolder: '', type: 'output' }
  expect(await buffer(await comfy.open(file, 5000, never()))).toHaveLength(5000)
  await expect(comfy.open(file, 4999, never())).rejects.toMatchObject({ errorClass: 'result_too_large' })
})

test('a file that is not there any more is no empty file, and nothing to ask for again', async () => {
  const { comfy } = await startDriven()
  const file = { filename: 'gone.png', subfolder: '', type: 'output' }
  await expect(comfy.open(file, 5000, never())).rejects.toMatchObject({
    errorClass: 'no_output',
    detail: 'ComfyUI answered 404.',
  })
})

test('an input that ComfyUI doesn’t take fails with what it answered', async () => {
  const { comfy } = await startDriven({ faults: { answers: { '/upload': 'error413' } } })
  await expect(comfy.upload('a.png', 'image/png', Buffer.from('a'), never())).rejects.toMatchObject({
    errorClass: 'input_unusable',
    said: 'ComfyUI did not take a.png: /upload/image answered 413.',
  })
})

test('a file that is on its way ends with the reason of the signal', async () => {
  const { comfy } = await startDriven({ faults: { answers: { '/view': 'huge' } } })
  const stop = new AbortController()
  const file = await comfy.open({ filename: 'a.png', subfolder: '', type: 'output' }, 1024 ** 4, stop.signal)
  file.once('data', () => stop.abort(new Error('enough')))
  await expect(buffer(file)).rejects.toThrow('enough')
})
