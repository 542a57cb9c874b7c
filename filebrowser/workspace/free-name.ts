import { basename, dirname, join } from 'node:path'
import { lookAt } from './put-in-place'

const NAME_BYTES_MAX = 255

/**
 * @param target absolute path
 * @param word tells why it is not called what it was: `name (copy).png`, then `name (copy 2).png`
 * @returns the path itself where nothing is, otherwise the first beside it where nothing is
 */
export async function freeName(target: string, word: string): Promise<string> {
  if (!(await lookAt(target))) return target
  for (let count = 1; ; count++) {
    const path = join(dirname(target), withWord(basename(target), count === 1 ? word : `${word} ${count}`))
    if (!(await lookAt(path))) return path
  }
}

function withWord(name: string, word: string): string {
  const [, stem = name, extension = ''] = /^(.+?)((?:\.tar)?\.[a-z]\w{0,11})?$/is.exec(name) ?? []
  const end = ` (${word})${extension}`
  let start = stem
  while (Buffer.byteLength(start + end) > NAME_BYTES_MAX) start = [...start].slice(0, -1).join('')
  return start + end
}
