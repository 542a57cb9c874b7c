/** What ComfyUI and its custom nodes load models from: the ends of their names. */
export const MODEL_FILE = /\.(safetensors|sft|ckpt|pt|pt2|pth|bin|gguf|onnx|pkl)$/i

/** Below `models`; by a node's class, most telling first. */
const BY_CLASS: [RegExp, string][] = [
  [/controlnet|t2i.?adapter/i, 'controlnet'],
  [/ip.?adapter(?!.*(clip|vision))/i, 'ipadapter'],
  [/instant.?id/i, 'instantid'],
  [/pulid/i, 'pulid'],
  [/lora|lycoris/i, 'loras'],
  [/clip.?vision/i, 'clip_vision'],
  [/style.?model/i, 'style_models'],
  [/gligen/i, 'gligen'],
  [/hyper.?network/i, 'hypernetworks'],
  [/photo.?maker/i, 'photomaker'],
  [/latent.?upscale.?model/i, 'latent_upscale_models'],
  [/upscale.?model|model.?upscale/i, 'upscale_models'],
  [/audio.?encoder/i, 'audio_encoders'],
  [/model.?patch/i, 'model_patches'],
  [/animatediff|motion.?model|ade_/i, 'animatediff_models'],
  [/checkpoint/i, 'checkpoints'],
  [/vae/i, 'vae'],
  [/clip.?loader|text.?encoder/i, 'text_encoders'],
  [/unet|diffusion.?model/i, 'diffusion_models'],
  [/ultralytics/i, 'ultralytics'],
  [/sam.?(model)?.?loader/i, 'sams'],
]

/** By the name of an input. */
const BY_INPUT: [RegExp, string][] = [
  [/^(base_|refiner_)?(ckpt|checkpoint)/i, 'checkpoints'],
  [/lora/i, 'loras'],
  [/vae/i, 'vae'],
  [/clip.?vision/i, 'clip_vision'],
  [/^clip_(name|l|g)|text.?encoder|^t5/i, 'text_encoders'],
  [/unet|diffusion/i, 'diffusion_models'],
  [/control.?net/i, 'controlnet'],
  [/upscale/i, 'upscale_models'],
  [/style.?model/i, 'style_models'],
  [/gligen/i, 'gligen'],
  [/hypernetwork/i, 'hypernetworks'],
]

/**
 * The folder that a node takes a model from. Many load one kind alone and say so in their class; those that load
 * several say it in the input.
 */
export const folderLoadedFrom = (nodeClass: string, input: string): string | undefined =>
  (isOfMany(nodeClass) ? find(BY_INPUT, input) : undefined) ??
  find(BY_CLASS, nodeClass) ??
  find(BY_INPUT, input)

const isOfMany = (nodeClass: string) => /efficient|easy |pipe|loader.*(sdxl|flux)|full/i.test(nodeClass)

const find = (table: [RegExp, string][], text: string) => table.find(([name]) => name.test(text))?.[1]
