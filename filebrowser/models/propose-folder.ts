import { currentName, DEFAULT_MODEL_FOLDER, type ModelFolder } from './folders'

interface Hints {
  /** What kind of model its issuer calls it, most telling first. */
  types: string[]
  /** Names that may tell, most telling first: its path in the repository, the repository's name. */
  names: string[]
}

/** Where ComfyUI would look for a file. @param orElse where nothing tells */
export const proposeFolder = (
  { types, names }: Hints,
  orElse: ModelFolder = DEFAULT_MODEL_FOLDER,
): ModelFolder => byType(types) ?? byName(names) ?? orElse

const BY_TYPE = new Map<string, ModelFolder>(
  Object.entries({
    checkpoint: 'models/checkpoints',
    lora: 'models/loras',
    locon: 'models/loras',
    dora: 'models/loras',
    textualinversion: 'models/embeddings',
    hypernetwork: 'models/hypernetworks',
    controlnet: 'models/controlnet',
    vae: 'models/vae',
    upscaler: 'models/upscale_models',
    clip: 'models/text_encoders',
    textencoder: 'models/text_encoders',
    clipvision: 'models/clip_vision',
    unet: 'models/diffusion_models',
    diffusionmodel: 'models/diffusion_models',
    motionmodule: 'models/animatediff_models',
    detection: 'models/detection',
  }),
)

function byType(types: string[]): ModelFolder | undefined {
  return types.map((type) => BY_TYPE.get(type.toLowerCase().replace(/[^a-z]/g, ''))).find(Boolean)
}

/** Names in the wild, most telling first. */
const HINTS: [RegExp, ModelFolder][] = [
  [/control_?net|t2i_?adapter|(^|[/_.-])controllora/, 'models/controlnet'],
  [/model_?patch/, 'models/model_patches'],
  [/loras?([/_.\d-]|$)|lightning|(^|[/_.-])lycoris/, 'models/loras'],
  [/clip_?vision|image_encoder|sigclip/, 'models/clip_vision'],
  [/audio_?encoder|wav2vec/, 'models/audio_encoders'],
  [
    /text_?encoder|(^|\/)clip(\/|_l|_g)|t5xxl|umt5|qwen[\d._-]*vl|gemma[_-]?\d|llava_llama3/,
    'models/text_encoders',
  ],
  [/vae_?approx|(^|\/)taesd|(^|\/)taef1/, 'models/vae_approx'],
  [/(^|[/_.-])vae|(^|\/)ae\.safetensors$/, 'models/vae'],
  [/latent_?upscale/, 'models/latent_upscale_models'],
  [/upscale|esrgan/, 'models/upscale_models'],
  [/style_?model|redux/, 'models/style_models'],
  [/photomaker/, 'models/photomaker'],
  [/gligen/, 'models/gligen'],
  [/hypernetwork/, 'models/hypernetworks'],
  [/animatediff|motion_?module|(^|[/_.-])mm_sd/, 'models/animatediff_models'],
  [/embedding|textual_?inversion/, 'models/embeddings'],
  [/diffusion_?models?|(^|\/)unet|transformer\/|(^|\/)flux1-[a-z-]+\.s/, 'models/diffusion_models'],
]

function byName(names: string[]): ModelFolder | undefined {
  for (const name of names) {
    const text = name.toLowerCase()
    // A folder of the repository that has the very name of one of ComfyUI's says it best.
    const named = text.split('/').slice(0, -1).map(currentName).reverse()
    const folder = named.map((part) => DIRECT.get(part)).find(Boolean)
    if (folder) return folder
    for (const [hint, found] of HINTS) if (hint.test(text)) return found
  }
  return undefined
}

const DIRECT = new Map<string, ModelFolder>(
  (
    [
      'checkpoints',
      'loras',
      'text_encoders',
      'diffusion_models',
      'clip_vision',
      'controlnet',
      'embeddings',
      'upscale_models',
      'style_models',
      'model_patches',
      'audio_encoders',
      'vae',
    ] as const
  ).map((name) => [name, `models/${name}`]),
)
