import type { ModelSource } from '../../workflows/definition'
import { folderLoadedFrom } from '../../workflows/model-files'
import type { Missing } from '../comfyui/comfyui'
import { oneLine } from './one-line'
import { RequestError } from './request-error'

/** More are counted, not named. */
const NAMED_MAX = 10

/** A file as the file manager downloads it. */
export interface WantedFile {
  source: string
  folder: string
  name: string
}

/**
 * What to download for a model that lacks files.
 * @returns each once
 * @throws RequestError `models_missing` that names every file of which nobody said where it comes from
 */
export function filesToBring(files: Missing['files'], sources: readonly ModelSource[]): WantedFile[] {
  const found = files.map((file) => ({ file, source: sourceOf(file, sources) }))
  const unknown = found.flatMap(({ file, source }) => (source ? [] : [file]))
  if (unknown.length) throw modelsMissing(unknown)
  const wanted = found.flatMap(({ source }) => (source ? [wantedFrom(source)] : []))
  return [...new Map(wanted.map((file) => [JSON.stringify(file), file])).values()]
}

/** The failure that names files and says where each belongs and where to look for it. */
export function modelsMissing(files: Missing['files']): RequestError {
  const all = [...new Map(files.map((file) => [placeOf(file), file])).values()]
  const named = all.slice(0, NAMED_MAX).map((file) => `${placeOf(file)} (look for it at ${searches(file)})`)
  const more = all.length > NAMED_MAX ? `; and ${all.length - NAMED_MAX} more` : ''
  return new RequestError(
    'models_missing',
    named.join('; '),
    `The machine lacks model files that this model loads: ${named.join('; ')}${more}.`,
  )
}

function placeOf({ name, nodeClass, field }: Missing['files'][number]): string {
  const folder = folderLoadedFrom(nodeClass, field)
  const called = oneLine(name, 300)
  return folder
    ? `${called}, which belongs into models/${folder}`
    : `${called}, which ${oneLine(nodeClass, 100)} loads`
}

function searches({ name }: Missing['files'][number]): string {
  const stem =
    partsOf(name)
      .at(-1)
      ?.replace(/\.\w+$/, '') ?? ''
  const query = encodeURIComponent(oneLine(stem, 100))
  return `https://huggingface.co/models?search=${query} or https://civitai.com/search/models?query=${query}`
}

/** The one of that name, of several the one for the folder that the node loads from. */
function sourceOf({ name, nodeClass, field }: Missing['files'][number], sources: readonly ModelSource[]) {
  const path = partsOf(name).join('/')
  const named = sources.filter((source) => partsOf(source.name).join('/') === path)
  const folder = folderLoadedFrom(nodeClass, field)
  return named.find((source) => source.folder.split('/')[1] === folder) ?? named[0]
}

/** A name may begin with folders, which the author's folder may or may not end with. */
function wantedFrom({ source, folder, name }: ModelSource): WantedFile {
  const parts = partsOf(name)
  const below = parts.slice(0, -1).join('/')
  const into = !below || `/${folder}`.endsWith(`/${below}`) ? folder : `${folder}/${below}`
  return { source, folder: into, name: parts.at(-1) ?? '' }
}

const partsOf = (name: string) => name.split(/[/\\]/)
