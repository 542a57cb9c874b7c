import { matchesGlob } from './glob'
import type { TreeFile } from './hub-tree'
import { readable } from './hub-wanted'
import type { HubFolder } from './source'

/**
 * Which files somebody means who asks for a folder or a repository: those that the patterns name, all of a folder,
 * and of a repository what a program loads, each weight once.
 */
export function chooseFiles(files: TreeFile[], folder: HubFolder): Set<TreeFile> {
  const { include, exclude, path, repo } = folder
  if (include || exclude) return new Set(files.filter((file) => isNamed(pathOf(file), include, exclude)))
  if (path.length > 0) return new Set(files)
  const useful = files.filter((file) => !isAside(file, repo.startsWith('datasets/')))
  const chosen = repo.startsWith('datasets/') ? useful : eachWeightOnce(useful)
  return new Set(chosen.length > 0 ? chosen : files)
}

/** Which of the patterns name nothing, as a person wrote them. */
export const unmatched = (files: TreeFile[], { include = [] }: HubFolder): string[] =>
  include.filter((pattern) => !files.some((file) => matchesGlob(pattern, pathOf(file)))).map(readable)

const isNamed = (path: string, include: string[] | undefined, exclude: string[] = []) =>
  (!include || include.some((pattern) => matchesGlob(pattern, path))) &&
  !exclude.some((pattern) => matchesGlob(pattern, path))

const pathOf = ({ path }: TreeFile) => path.join('/')
const nameOf = ({ path }: TreeFile) => path.at(-1) ?? ''
const folderOf = ({ path }: TreeFile) => path.slice(0, -1).join('/')

/** What tells people of the model and is not loaded; in a dataset pictures are what it is made of. */
function isAside(file: TreeFile, isDataset: boolean): boolean {
  const name = nameOf(file).toLowerCase()
  if (/^\.git|^(readme|licen[cs]e|notice)(\.|$)/.test(name)) return true
  return !isDataset && /\.(md|png|jpe?g|gif|webp|avif|svg|bmp|mp4|webm|mov|pdf|ipynb)$/.test(name)
}

const isSafe = (file: TreeFile) => /\.(safetensors|sft)$/i.test(nameOf(file))
const WEIGHTS = /\.(safetensors|sft|bin|pt|pth|ckpt|h5|msgpack|ot|pkl)(\.index\.json)?$/i
/** Made from the weights for other programs. */
const CONVERTED = /\.(onnx|onnx_data|tflite|mlmodel|mlpackage|pb)$|^(onnx|openvino|coreml|flax|tf)\//i
/** A smaller copy beside the full one, as diffusers names them. */
const VARIANT = /\.(fp16|bf16|non_ema)(?=[.-])/i

function eachWeightOnce(files: TreeFile[]): TreeFile[] {
  if (!files.some(isSafe)) return files
  const safe = new Set(files.filter(isSafe).map(identity))
  const kept = files.filter((file) => {
    const name = nameOf(file)
    if (CONVERTED.test(pathOf(file))) return false
    const isIndex = /\.index(\.\w+)?\.json$/i.test(name)
    if (VARIANT.test(name) && files.some((other) => other !== file && isFullOf(other, file))) return false
    return (
      isSafe(file) ||
      (isIndex && /safetensors/i.test(name)) ||
      !WEIGHTS.test(name) ||
      !safe.has(identity(file))
    )
  })
  return withoutPipelineFolders(kept)
}

/** A model as one file and, beside it, the same in the folders that diffusers loads: ComfyUI loads the file. */
function withoutPipelineFolders(files: TreeFile[]): TreeFile[] {
  const isPipeline = files.some((file) => pathOf(file) === 'model_index.json')
  const single = files.filter((file) => file.path.length === 1 && isSafe(file))
  return isPipeline && single.length > 0 ? single : files
}

/** The same for one model’s weights in whatever format and number of pieces. */
const identity = (file: TreeFile): string =>
  `${folderOf(file)}/${nameOf(file)
    .replace(WEIGHTS, '')
    .replace(VARIANT, '')
    .replace(/\.safetensors$|-\d{5}-of-\d{5}$/i, '')
    .replace(/(^|_)(pytorch|tf|flax|rust)_/i, '$1')
    .toLowerCase()}`

const isFullOf = (full: TreeFile, variant: TreeFile): boolean =>
  pathOf(full) === pathOf(variant).replace(VARIANT, '') ||
  (identity(full) === identity(variant) && isSafe(full) && isSafe(variant) && !VARIANT.test(nameOf(full)))
