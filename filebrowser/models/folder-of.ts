import type { OfferedFile } from '~/providers/models/issuer'
import type { ModelSource } from '~/providers/models/source'
import { proposeFolder } from './propose-folder'

/** The folder of a single file, by what its issuer calls it or by its name. */
export function folderOf(source: ModelSource, { types, name }: Pick<OfferedFile, 'types' | 'name'>): string {
  if (source.provider !== 'huggingface') return proposeFolder({ types, names: [name] })
  const { repo, path } = source
  if (repo.startsWith('datasets/')) return 'input'
  return proposeFolder({ types, names: [path.join('/'), repo] })
}
