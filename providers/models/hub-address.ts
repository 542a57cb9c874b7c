import type { HubFile, HubFolder } from './source'

/** Of the public site, whatever endpoint is asked: what is written down outlives a change of mirrors. */
const PUBLIC = 'https://huggingface.co'

/** The address that stands for this file; `parseModelUrl` and `readHubSource` read it. */
export const hubFileAddress = (file: Pick<HubFile, 'repo' | 'revision' | 'path'>): string =>
  `${PUBLIC}${placeOf('resolve', file)}`

/** The address that stands for a folder or a repository, whatever patterns choose from it. */
export const hubFolderAddress = (folder: Pick<HubFolder, 'repo' | 'revision' | 'path'>): string =>
  `${PUBLIC}${placeOf('tree', folder)}`

/** Where the endpoint serves the file. */
export const hubFileUrl = (file: HubFile): string => `${file.base}${placeOf('resolve', file)}`

/** The repository's own page. */
export const hubPage = ({ base, repo }: Pick<HubFile, 'base' | 'repo'>): string => `${base}/${repo}`

/** Below the endpoint's API, where models have a word of their own. */
export function hubApi({ base, repo }: Pick<HubFile, 'base' | 'repo'>): string {
  const [, kind = 'models', name = repo] = /^(datasets|spaces)\/(.+)$/.exec(repo) ?? ([] as string[])
  return `${base}/api/${kind}/${name}`
}

const placeOf = (
  kind: string,
  { repo, revision, path }: Pick<HubFile, 'repo' | 'revision' | 'path'>,
): string => ['', repo, kind, ...[revision, ...path].map(encodeURIComponent)].join('/')
