import type { ModelFile } from '~/providers/models/issuer'
import type { ModelSource } from '~/providers/models/source'
import { DEFAULT_MODEL_FOLDER, type ModelFolder } from '../workspace/model-folders'

/** Where ComfyUI would look for the file, by what its issuer calls it or by its name. */
export const proposeFolder = (source: ModelSource, { types }: ModelFile): ModelFolder =>
  byType(types) ??
  (source.provider === 'huggingface' ? byName([source.path.join('/'), source.repo]) : undefined) ??
  DEFAULT_MODEL_FOLDER

const FOLDER_BY_TYPE: Record<string, ModelFolder> = {
  lora: 'models/loras',
  locon: 'models/loras',
  dora: 'models/loras',
  textualinversion: 'models/embeddings',
  controlnet: 'models/controlnet',
  vae: 'models/vae',
  upscaler: 'models/upscale_models',
  clip: 'models/text_encoders',
  textencoder: 'models/text_encoders',
  clipvision: 'models/clip_vision',
  unet: 'models/diffusion_models',
  diffusionmodel: 'models/diffusion_models',
}

function byType(types: string[]): ModelFolder | undefined {
  return types.map((type) => FOLDER_BY_TYPE[type.toLowerCase().replace(/[^a-z]/g, '')]).find(Boolean)
}

/** Names in the wild, most telling first. */
const HINTS: [RegExp, ModelFolder][] = [
  [/control_?net/, 'models/controlnet'],
  [/lora/, 'models/loras'],
  [/clip_?vision|image_encoder/, 'models/clip_vision'],
  [/text_?encoder|(^|\/)clip(\/|_l|_g)|t5xxl|umt5/, 'models/text_encoders'],
  [/(^|[/_.-])vae|(^|\/)ae\.safetensors$/, 'models/vae'],
  [/upscale|esrgan/, 'models/upscale_models'],
  [/embedding/, 'models/embeddings'],
  [/diffusion_models?|(^|\/)unet|transformer\//, 'models/diffusion_models'],
]

function byName(texts: string[]): ModelFolder | undefined {
  for (const text of texts)
    for (const [hint, folder] of HINTS) if (hint.test(text.toLowerCase())) return folder
  return undefined
}
