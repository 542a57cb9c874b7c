import type { Workflow } from '~/workflows/workflow'

/** A picture of one colour, which every ComfyUI can make without a model. */
export const plainPicture = (color = 0, size = 16, batch_size = 1): Workflow => ({
  '1': { class_type: 'EmptyImage', inputs: { width: size, height: size, batch_size, color } },
  '2': {
    class_type: 'SaveImage',
    inputs: { images: ['1', 0], filename_prefix: 'slipway-test' },
    _meta: { title: 'Keep the picture' },
  },
})

/** A picture by a sampler of four steps. */
export const sampled = (seed = 1, steps = 4): Workflow => ({
  '1': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'base.safetensors' } },
  '2': { class_type: 'CLIPTextEncode', inputs: { text: 'a boat', clip: ['1', 1] } },
  '3': { class_type: 'EmptyLatentImage', inputs: { width: 16, height: 16, batch_size: 1 } },
  '4': {
    class_type: 'KSampler',
    inputs: {
      model: ['1', 0],
      positive: ['2', 0],
      negative: ['2', 0],
      latent_image: ['3', 0],
      seed,
      steps,
      cfg: 7,
      sampler_name: 'euler',
      scheduler: 'normal',
      denoise: 1,
    },
    _meta: { title: 'Paint' },
  },
  '5': { class_type: 'VAEDecode', inputs: { samples: ['4', 0], vae: ['1', 2] } },
  '6': { class_type: 'SaveImage', inputs: { images: ['5', 0], filename_prefix: 'boats/one' } },
})

export const MODELS = ['checkpoints/base.safetensors']
