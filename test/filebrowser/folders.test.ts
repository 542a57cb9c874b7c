import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldersReadAs, MODEL_FOLDERS, resolveFolder } from '~/filebrowser/models/folders'
import { proposeFolder } from '~/filebrowser/models/propose-folder'
import { Refusal } from '~/filebrowser/refusal'

test.each([
  ['loras', 'models/loras'],
  ['lora', 'models/loras'],
  ['Checkpoint', 'models/checkpoints'],
  ['models/loras', 'models/loras'],
  ['clip', 'models/text_encoders'],
  ['models/clip/sd3', 'models/text_encoders/sd3'],
  ['unet', 'models/diffusion_models'],
  ['t2i_adapter', 'models/controlnet'],
  ['models/checkpoints/sdxl/', 'models/checkpoints/sdxl'],
  ['./ComfyUI/models/vae', 'models/vae'],
  ['models\\loras\\sdxl', 'models/loras/sdxl'],
  ['models/ipadapter', 'models/ipadapter'],
  ['input', 'input'],
  ['', ''],
])('%j is %j', (text, folder) => {
  expect(resolveFolder(text)).toBe(folder)
})

test.each([
  '..',
  'models/../..',
  '/etc',
  'C:\\models',
  'a\0b',
  '.slipway/downloads',
  'models/.slipway-x.part',
])('%j is refused with a sentence', (text) => {
  expect(() => resolveFolder(text)).toThrow(Refusal)
})

test('whatever is asked for, the folder is one inside, and asking for it again is the same', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('..', '/', '\\', 'models', 'clip', '.slipway', './', '~'),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      try {
        const folder = resolveFolder(pieces.join(''))
        expect(folder.split('/')).not.toContain('..')
        expect(folder).not.toMatch(/^\/|\/\/|\0|(^|\/)\.slipway/i)
        expect(resolveFolder(folder)).toBe(folder)
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal)
      }
    }),
  )
})

test('each of ComfyUI’s folders is known by its own name, and read under its former one', () => {
  for (const folder of MODEL_FOLDERS) expect(resolveFolder(folder.slice('models/'.length))).toBe(folder)
  expect(foldersReadAs('models/text_encoders/sd3')).toEqual(['models/text_encoders/sd3', 'models/clip/sd3'])
  expect(foldersReadAs('models/loras')).toEqual(['models/loras'])
})

test.each<[string[], string[], string]>([
  [['Model', 'Checkpoint'], [], 'models/checkpoints'],
  [['Model', 'LORA'], [], 'models/loras'],
  [['Diffusion Model', 'Checkpoint'], [], 'models/diffusion_models'],
  [['VAE', 'Checkpoint'], [], 'models/vae'],
  [['Model', 'MotionModule'], [], 'models/animatediff_models'],
  [['Model', 'TextualInversion'], [], 'models/embeddings'],
  [[], ['split_files/text_encoders/qwen.safetensors', 'Comfy-Org/x'], 'models/text_encoders'],
  [[], ['split_files/vae/wan_lora_vae.safetensors', 'Comfy-Org/x'], 'models/vae'],
  [[], ['clip_l.safetensors', 'comfyanonymous/flux_text_encoders'], 'models/text_encoders'],
  [[], ['ae.safetensors', 'black-forest-labs/FLUX.1-schnell'], 'models/vae'],
  [[], ['flux1-kontext-dev.safetensors', 'black-forest-labs/x'], 'models/diffusion_models'],
  [[], ['flux1-dev-fp8.safetensors', 'Comfy-Org/flux1-dev'], 'models/checkpoints'],
  [[], ['RealESRGAN_x4plus.pth'], 'models/upscale_models'],
  [[], ['model.safetensors', 'someone/great-model'], 'models/checkpoints'],
])('%j %j belongs to %s', (types, names, folder) => {
  expect(proposeFolder({ types, names })).toBe(folder)
})
