import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { png } from './png.mjs'

/**
 * @typedef {{ workspace: string, environment: Record<string, string | undefined> }} Site
 * @typedef {Site & { progress(value: number, max: number): Promise<void> }} Run
 * @typedef {object} NodeClass
 * @property {Record<string, any[]>} required
 * @property {Record<string, any[]>} [optional]
 * @property {string[]} output
 * @property {boolean} [isOutput]
 * @property {boolean} [isNeverCached]
 * @property {(inputs: any, site: Site) => string | undefined} [check] says what is wrong; its fields' choices aren't checked then
 * @property {(inputs: any, run: Run) => { values: any[], ui?: object } | Promise<{ values: any[], ui?: object }>} run
 */

const int = (value = 0, min = 0, max = 2 ** 64) => ['INT', { default: value, min, max }]
const text = ['STRING', { multiline: true }]
const PICTURE_MAX = 64
const PROVIDER_VARIABLE = /^(HUGGINGFACE|HF|HUGGING_FACE_HUB|CIVITAI|CIVITAI_API)_TOKENS?$/

/** @returns {Record<string, NodeClass>} as they stand at the moment: choices are files in the workspace */
export function nodeClasses(/** @type {Site} */ { workspace }) {
  return {
    CheckpointLoaderSimple: {
      required: { ckpt_name: [filesBelow(workspace, 'models/checkpoints'), { tooltip: 'The checkpoint' }] },
      output: ['MODEL', 'CLIP', 'VAE'],
      run: ({ ckpt_name }) => ({ values: [ckpt_name, ckpt_name, ckpt_name] }),
    },
    // Choices as ComfyUI writes them since version 3 of its nodes.
    LoraLoaderModelOnly: {
      required: {
        model: ['MODEL'],
        lora_name: ['COMBO', { options: filesBelow(workspace, 'models/loras') }],
        strength_model: ['FLOAT', { default: 1, min: -100, max: 100 }],
      },
      output: ['MODEL'],
      run: ({ model, lora_name }) => ({ values: [`${model}+${lora_name}`] }),
    },
    CLIPTextEncode: {
      required: { text, clip: ['CLIP'] },
      output: ['CONDITIONING'],
      run: (inputs) => ({ values: [inputs.text] }),
    },
    EmptyLatentImage: {
      required: { width: int(512, 16, 16384), height: int(512, 16, 16384), batch_size: int(1, 1, 4096) },
      output: ['LATENT'],
      run: (inputs) => ({ values: [inputs] }),
    },
    KSampler: {
      required: {
        model: ['MODEL'],
        seed: int(),
        steps: int(20, 1, 10000),
        cfg: ['FLOAT', { default: 8, min: 0, max: 100 }],
        sampler_name: [['euler', 'dpmpp_2m']],
        scheduler: [['normal', 'karras']],
        positive: ['CONDITIONING'],
        negative: ['CONDITIONING'],
        latent_image: ['LATENT'],
        denoise: ['FLOAT', { default: 1, min: 0, max: 1 }],
      },
      output: ['LATENT'],
      async run(inputs, { progress }) {
        for (let step = 1; step <= inputs.steps; step++) await progress(step, inputs.steps)
        const { positive, seed, latent_image } = inputs
        return { values: [{ ...latent_image, positive, seed }] }
      },
    },
    VAEDecode: {
      required: { samples: ['LATENT'], vae: ['VAE'] },
      output: ['IMAGE'],
      run: ({ samples }) => ({ values: [picture(samples)] }),
    },
    EmptyImage: {
      required: {
        width: int(512, 1, 16384),
        height: int(512, 1, 16384),
        batch_size: int(1, 1, 4096),
        color: int(0, 0, 0xffffff),
      },
      output: ['IMAGE'],
      run: (inputs) => ({ values: [{ ...picture(inputs), colour: inputs.color }] }),
    },
    LoadImage: {
      required: { image: [filesBelow(workspace, 'input'), { image_upload: true }] },
      output: ['IMAGE', 'MASK'],
      isNeverCached: true,
      check: ({ image }) =>
        existsSync(join(workspace, 'input', image)) ? undefined : `Invalid image file: ${image}`,
      run: ({ image }) => ({ values: [picture({ image }), null] }),
    },
    SaveImage: {
      required: { images: ['IMAGE'], filename_prefix: ['STRING', { default: 'ComfyUI' }] },
      output: [],
      isOutput: true,
      run: ({ images, filename_prefix }) => ({
        values: [],
        ui: { images: [write(workspace, 'output', filename_prefix, 'png', png(images))] },
      }),
    },
    PreviewImage: {
      required: { images: ['IMAGE'] },
      output: [],
      isOutput: true,
      run: ({ images }) => ({
        values: [],
        ui: { images: [write(workspace, 'temp', 'ComfyUI_temp', 'png', png(images))] },
      }),
    },
    SaveVideo: {
      required: { images: ['IMAGE'], filename_prefix: ['STRING', { default: 'video/ComfyUI' }] },
      output: [],
      isOutput: true,
      run: ({ images, filename_prefix }) => ({
        values: [],
        ui: { images: [write(workspace, 'output', filename_prefix, 'mp4', png(images))], animated: [true] },
      }),
    },
    ShowText: {
      required: { text: ['STRING', { forceInput: true }] },
      output: ['STRING'],
      isOutput: true,
      run: (inputs) => ({ values: [inputs.text], ui: { text: [inputs.text] } }),
    },
    /** Tells whose tokens it runs with: the names of their variables, and how each begins. */
    Environment: {
      required: {},
      optional: { letters: int(6) },
      output: ['STRING'],
      isOutput: true,
      isNeverCached: true,
      run: ({ letters = 6 }, { environment }) => {
        const lines = Object.entries(environment)
          .filter(([name]) => PROVIDER_VARIABLE.test(name))
          .map(([name, value = '']) => `${name}=${value.slice(0, letters)}`)
        return { values: [lines.join('\n')], ui: { text: [lines.sort().join('\n')] } }
      },
    },
  }
}

/** The same for the same inputs. */
function picture(/** @type {any} */ inputs) {
  const { width = 8, height = 8 } = inputs
  return {
    width: Math.min(PICTURE_MAX, width),
    height: Math.min(PICTURE_MAX, height),
    colour: crc32(JSON.stringify(inputs)) & 0xffffff,
  }
}

/**
 * Under the next number that is free, as ComfyUI counts.
 * @param {string} workspace
 * @param {string} type
 * @param {string} prefix may begin with folders
 * @param {string} ending
 * @param {Buffer} content
 */
function write(workspace, type, prefix, ending, content) {
  const parts = prefix.split('/')
  const name = parts.pop()
  const subfolder = parts.join('/')
  const folder = join(workspace, type, subfolder)
  mkdirSync(folder, { recursive: true })
  const count = readdirSync(folder).filter((other) => other.startsWith(`${name}_`)).length + 1
  const filename = `${name}_${String(count).padStart(5, '0')}_.${ending}`
  writeFileSync(join(folder, filename), content)
  return { filename, subfolder, type }
}

/**
 * @param {string} workspace
 * @param {string} folder
 */
function filesBelow(workspace, folder) {
  const path = join(workspace, folder)
  if (!existsSync(path)) return []
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort()
}
