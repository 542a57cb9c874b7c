// The driver against the stand-in and, when COMFYUI_URL is given, against a real ComfyUI as well:
//   COMFYUI_URL=http://127.0.0.1:8188 npx vitest run test/comfyui/real.test.ts
// It needs no model. It leaves some pictures `slipway-test…` in `output` and a file in `input`, and wants a queue
// that is empty.
import { describe } from 'vitest'
import { openComfyUi } from '~/worker/comfyui/open'
import { comfyUiContract } from './contract'
import { ignore, quiet, startDriven } from './driver'

const address = process.env.COMFYUI_URL?.replace(/\/$/, '')

describe.each([{ oldVersion: false }, { oldVersion: true }])('the stand-in, %o', (faults) => {
  comfyUiContract(async () => {
    const { comfy, fake } = await startDriven({ faults })
    const hold = () => {
      fake.faults.holdNode = 'EmptyImage'
    }
    return { comfy, hold, release: () => fake.release() }
  })
})

if (address)
  describe(`ComfyUI at ${address}`, () => {
    comfyUiContract(async () => ({
      comfy: openComfyUi({ address, logger: quiet }),
      hold: ignore,
      release: ignore,
    }))
  })
