import { Refusal } from '../refusal'

/** Where ComfyUI looks for models, below `models`, by its own names; what is asked for most comes first. */
const NAMES = [
  'checkpoints',
  'loras',
  'vae',
  'text_encoders',
  'diffusion_models',
  'clip_vision',
  'controlnet',
  'embeddings',
  'upscale_models',
  'style_models',
  'hypernetworks',
  'gligen',
  'photomaker',
  'model_patches',
  'audio_encoders',
  'latent_upscale_models',
  'vae_approx',
  'diffusers',
  'classifiers',
  'configs',
  'animatediff_models',
  'background_removal',
  'frame_interpolation',
  'geometry_estimation',
  'optical_flow',
  'detection',
] as const

export type ModelFolder = `models/${(typeof NAMES)[number]}`

/** Relative to the workspace. */
export const MODEL_FOLDERS: ModelFolder[] = NAMES.map((name) => `models/${name}` as const)
export const DEFAULT_MODEL_FOLDER: ModelFolder = 'models/checkpoints'

/** What ComfyUI called some of them before, and still reads. */
const FORMER = new Map<string, (typeof NAMES)[number]>([
  ['clip', 'text_encoders'],
  ['unet', 'diffusion_models'],
  ['t2i_adapter', 'controlnet'],
])

/** The folder by its name of today; one that only a custom node knows stays what it is. */
export const currentName = (name: string): string => FORMER.get(name) ?? name

/** Every folder that ComfyUI reads as this one, the one of today first. @param folder such as `models/loras` */
export function foldersReadAs(folder: string): string[] {
  const [top, name = '', ...rest] = folder.split('/')
  if (top !== 'models') return [folder]
  const former = [...FORMER.keys()].filter((old) => currentName(old) === name)
  return [name, ...former].map((each) => ['models', each, ...rest].join('/'))
}

/**
 * What a person or a script calls a folder, as a path from the workspace: `loras`, `models/loras/sdxl`, `clip`,
 * `ComfyUI/models/vae`.
 * @returns the path; `''` is the workspace itself. Whether it is there is not looked at
 * @throws Refusal `bad_path`
 */
export function resolveFolder(text: string): string {
  const path = text.trim().replaceAll('\\', '/').replace(/^\.\//, '')
  if (path.startsWith('/') || /^[a-z]:/i.test(path))
    throw new Refusal(
      'bad_path',
      'Name the folder from the workspace on, without its beginning: models/loras, or just loras.',
    )
  const parts = path
    .split('/')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== '.')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (parts.some((part) => part === '..' || /[\u0000-\u001f\u007f]/.test(part) || part.length > 200))
    throw new Refusal('bad_path', 'That path is not one inside this machine’s folders.')
  if (parts.some((part) => part.toLowerCase().startsWith('.slipway')))
    throw new Refusal('bad_path', 'Names that begin with .slipway are the filebrowser’s own. Choose another.')
  if (/^comfyui$/i.test(parts[0] ?? '') && parts[1] === 'models') parts.shift()
  const [top = '', ...rest] = parts
  if (top === 'models') return ['models', ...readName(rest)].join('/')
  const [known = '', ...below] = readName(parts)
  const isModels = (NAMES as readonly string[]).includes(known)
  return (isModels ? ['models', known, ...below] : parts).join('/')
}

/** The first part by its name of today, and in the plural where ComfyUI has it so (`lora`, `checkpoint`). */
function readName([name, ...rest]: string[]): string[] {
  if (name === undefined) return []
  const current = currentName(name.toLowerCase())
  const found = (NAMES as readonly string[]).find((each) => each === current || each === `${current}s`)
  return [found ?? name, ...rest]
}
