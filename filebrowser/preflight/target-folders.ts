import type { OfferedFile } from '~/providers/models/issuer'
import type { HubFolder } from '~/providers/models/source'
import { folderOf } from '../models/folder-of'
import { proposeFolder } from '../models/propose-folder'
import type { Source } from './read-source'

/**
 * Where each file belongs.
 * @param asked the folder that somebody wants instead
 * @returns one folder a file, in the same order, relative to the workspace
 */
export function targetFolders(source: Source, files: OfferedFile[], asked?: string): string[] {
  if (!isFolder(source)) return files.map((file) => asked ?? folderOf(source, file))
  const base = commonBase(source, files, asked)
  return files.map((file) => {
    const path = pathOf(file)
    if (base === undefined) return asked ?? proposeFolder({ types: [], names: [path, source.repo] })
    const below = path.split('/').slice(isBelow(path, source) ? source.path.length : 0, -1)
    return [base, ...below].join('/')
  })
}

const isFolder = (source: Source): source is HubFolder =>
  source.provider === 'huggingface' && source.kind === 'folder'

const pathOf = ({ detail, name }: OfferedFile) => detail ?? name
const isBelow = (path: string, { path: folder }: HubFolder) => path.startsWith([...folder, ''].join('/'))

/**
 * Files that are only of use together, or that are called the same, keep their folders, below one of the
 * repository's name. Files that each are a model go where ComfyUI looks for their kind.
 */
function commonBase(source: HubFolder, files: OfferedFile[], asked?: string): string | undefined {
  const name = source.repo.split('/').at(-1) as string
  if (source.repo.startsWith('datasets/')) return asked ?? `input/${name}`
  const chosen = files.filter((file) => file.chosen).map(pathOf)
  const names = chosen.map((path) => path.split('/').at(-1))
  const isPipeline = names.includes('model_index.json')
  const isOneModel = names.some((each) => each === 'config.json' || /-\d{5}-of-\d{5}\./.test(each ?? ''))
  if (!isPipeline && !isOneModel && new Set(names).size === names.length) return undefined
  if (asked !== undefined) return asked
  const kind = proposeFolder(
    { types: [], names: [[...source.path, ''].join('/'), source.repo] },
    'models/diffusers',
  )
  return `${isPipeline ? 'models/diffusers' : kind}/${name}`
}
