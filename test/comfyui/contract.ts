import { randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import type { ComfyUi } from '~/worker/comfyui/comfyui'
import { ignore, never, outputsOf } from './driver'
import { plainPicture } from './workflows'

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47])

interface Site {
  comfy: ComfyUi
  /** Keeps pictures from being made, where that can be done; large ones take a while by themselves. */
  hold(): void
  release(): void
}

/** What the driver promises, with whichever ComfyUI is behind it. */
export function comfyUiContract(site: () => Promise<Site>) {
  test('a workflow that can run lacks nothing', async () => {
    const { comfy } = await site()
    expect(await comfy.missing(plainPicture(), never())).toEqual({ nodes: [], files: [] })
  })

  test('missing nodes and missing model files are named', async () => {
    const { comfy } = await site()
    const missing = await comfy.missing(
      {
        ...plainPicture(),
        '8': { class_type: 'SlipwayNobodyHasThis', inputs: {} },
        '9': {
          class_type: 'CheckpointLoaderSimple',
          inputs: { ckpt_name: 'slipway-nobody-has.safetensors' },
        },
      },
      never(),
    )
    expect(missing).toEqual({
      nodes: ['SlipwayNobodyHasThis'],
      files: [
        {
          name: 'slipway-nobody-has.safetensors',
          nodeClass: 'CheckpointLoaderSimple',
          field: 'ckpt_name',
        },
      ],
    })
  })

  test('what a prompt makes can be fetched', async () => {
    const { comfy } = await site()
    const workflow = plainPicture(Date.now() % 0xffffff)
    const promptId = await comfy.submit(randomUUID(), workflow, never())
    const end = await comfy.follow(promptId, workflow, ignore, never())
    const { files } = outputsOf(end).get('2') ?? {}
    expect(files).toHaveLength(1)
    const [file] = files ?? []
    if (!file) return
    expect(file).toMatchObject({ filename: expect.stringMatching(/^slipway-test.*\.png$/), type: 'output' })
    const picture = await buffer(await comfy.open(file, 1024 ** 2, never()))
    expect(picture.subarray(0, 4)).toEqual(PNG)
  })

  test('a prompt is found by the id that it was handed over with, whichever id it got', async () => {
    const { comfy } = await site()
    const ours = randomUUID()
    const workflow = plainPicture(Date.now() % 0xffffff)
    const theirs = await comfy.submit(ours, workflow, never())
    await comfy.follow(theirs, workflow, ignore, never())
    expect(await comfy.find(ours, never())).toMatchObject({ promptId: theirs, state: { kind: 'done' } })
    expect(await comfy.find(randomUUID(), never())).toMatchObject({ state: { kind: 'unknown' } })
  })

  test('a workflow that it refuses is refused with what is wrong', async () => {
    const { comfy } = await site()
    const refused = comfy.submit(randomUUID(), plainPicture(0, 0), never())
    await expect(refused).rejects.toMatchObject({
      errorClass: 'refused',
      said: expect.stringMatching(
        /^ComfyUI refused the workflow:\nEmptyImage: Value 0 smaller than min of 1/,
      ),
    })
  })

  test('a prompt that waits is taken back, and the one that runs before it is not', async () => {
    const { comfy, hold, release } = await site()
    hold()
    const large = plainPicture(Date.now() % 0xffffff, 4096, 4)
    const before = await comfy.submit(randomUUID(), large, never())
    const ours = randomUUID()
    await comfy.submit(ours, plainPicture(1 + (Date.now() % 0xffffff)), never())
    await comfy.cancel(ours, never())
    expect(await comfy.find(ours, never())).toMatchObject({ state: { kind: 'unknown' } })
    release()
    expect(await comfy.follow(before, large, ignore, never())).toMatchObject({ kind: 'done' })
  }, 120_000)

  test('an input is taken, and replaced by what comes under its name', async () => {
    const { comfy } = await site()
    const given = await comfy.upload('slipway-test.png', 'image/png', PNG, never())
    expect(given).toBe('slipway-test.png')
    expect(await comfy.upload('slipway-test.png', 'image/png', Buffer.from('other'), never())).toBe(given)
    const file = { filename: given, subfolder: '', type: 'input' }
    expect((await buffer(await comfy.open(file, 100, never()))).toString()).toBe('other')
  })
}
