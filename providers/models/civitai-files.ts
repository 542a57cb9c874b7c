import type { Version, VersionFile } from './civitai-api'
import { isDangerous } from './civitai-scan'
import { isPickle } from './formats'
import type { ModelFile } from './issuer'
import { type CivitaiFile, isPlainName } from './source'

/** Kinds of files that go with a model and are none. */
const BESIDE = /training data|config|archive|workflow|negative|images?$/i
/** Kinds that are the model itself rather than a part that it may bring along. */
const ITSELF = /^(?:pruned )?model$|^diffusion ?model$|^unet$/i

/**
 * The file that somebody means: the one that the address chooses, else the model itself, SafeTensor before Pickle, the
 * one that Civitai calls primary.
 */
export function chooseFile(files: VersionFile[], choice: CivitaiFile['choice']): VersionFile | undefined {
  const fitting = files.filter((file) => fits(file, choice))
  return fitting.map((file) => ({ file, rank: rankOf(file) })).sort((a, b) => a.rank - b.rank)[0]?.file
}

function rankOf(file: VersionFile): number {
  const { type = '', name, metadata, primary } = file
  const isRisky = /pickle/i.test(metadata?.format ?? '') || isPickle(name)
  const isBeside = BESIDE.test(type) && !primary
  const isPart = !primary && !ITSELF.test(type)
  return [isDangerous(file), isBeside, isPart, isRisky, !primary].reduce(
    (rank, flaw) => rank * 2 + Number(flaw),
    0,
  )
}

function fits(file: VersionFile, choice: CivitaiFile['choice']): boolean {
  const given: Record<string, unknown> = { ...file.metadata, type: file.type, fileId: file.id }
  return Object.entries(choice).every(
    ([name, wanted]) => wanted.toLowerCase() === String(given[name]).toLowerCase(),
  )
}

/**
 * The addresses of one file, best first. Of a version with a single file its own address is enough; of several either
 * way of naming one can answer 404, even in the form that the API itself gives.
 */
export function downloadUrls(base: string, version: Version, file: VersionFile): string[] {
  const url = `${base}/api/download/models/${version.id}`
  const { format, size, fp } = file.metadata ?? {}
  const byKind = new URLSearchParams(
    Object.entries({ type: file.type, format, size, fp }).flatMap(([name, value]) =>
      value ? [[name, value]] : [],
    ),
  ).toString()
  const named = [
    ...(file.id === undefined ? [] : [`${url}?fileId=${file.id}`]),
    ...(byKind ? [`${url}?${byKind}`] : []),
  ]
  return version.files.length === 1 || named.length === 0 ? [url, ...named] : named
}

/** What the API says of a file. */
export function describeFile(version: Version, file: VersionFile): Omit<ModelFile, 'url'> {
  const sha256 = file.hashes?.SHA256?.toLowerCase()
  return {
    name: isPlainName(file.name) ? file.name : `civitai-${version.id}.safetensors`,
    types: [file.type, version.model?.type].flatMap((type) => type ?? []),
    size: file.sizeKB === undefined ? undefined : Math.round(file.sizeKB * 1024),
    sizeTolerance: 1024,
    sha256: sha256 && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined,
  }
}
