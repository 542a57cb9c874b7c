/** Where ComfyUI looks for models, relative to the workspace. */
export const MODEL_FOLDERS = [
  'models/checkpoints',
  'models/loras',
  'models/vae',
  'models/text_encoders',
  'models/diffusion_models',
  'models/clip_vision',
  'models/controlnet',
  'models/embeddings',
  'models/upscale_models',
] as const

export type ModelFolder = (typeof MODEL_FOLDERS)[number]
export const DEFAULT_MODEL_FOLDER: ModelFolder = 'models/checkpoints'
