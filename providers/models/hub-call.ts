import type { Wanted } from './hub-wanted'

const CALL = /\b(hf_hub_download|snapshot_download)\s*\(/
const POSITIONS = { hf_hub_download: ['repo_id', 'filename'], snapshot_download: ['repo_id'] } as const

/**
 * Reads a copied Python call of huggingface_hub; only strings that stand there as such are understood.
 * @returns `undefined` for what is no such call
 */
export function readHubCall(text: string): Wanted | undefined {
  const call = CALL.exec(text)
  if (!call) return undefined
  const positions = POSITIONS[call[1] as keyof typeof POSITIONS]
  const values = readArguments(text.slice(call.index + call[0].length), positions)
  const one = (name: string) => values.get(name)?.[0]
  const file = one('filename')
  return {
    repo: one('repo_id') ?? '',
    type: one('repo_type'),
    revision: one('revision'),
    paths: file === undefined ? [] : [[one('subfolder'), file].filter(Boolean).join('/')],
    include: values.get('allow_patterns') ?? [],
    exclude: values.get('ignore_patterns') ?? [],
  }
}

function readArguments(text: string, positions: readonly string[]): Map<string, string[]> {
  const values = new Map<string, string[]>()
  let name: string | undefined
  let position = 0
  let isList = false
  for (const [sign, key, , value] of text.matchAll(/(\w+)\s*=(?!=)|(["'])(.*?)\2|[[\](),]/g)) {
    if (key !== undefined) name = key
    else if (value !== undefined) {
      const owner = name ?? positions[position] ?? ''
      values.set(owner, [...(values.get(owner) ?? []), value])
    } else if (sign === ')') break
    else if (sign === ',' && !isList) {
      name = undefined
      position++
    } else isList = sign === '[' || (isList && sign !== ']')
  }
  return values
}
