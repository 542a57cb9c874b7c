import type { Answer } from './network'

const TEXT_MAX = 4 * 1024 * 1024

/** @returns a small body as text; at most about `max` bytes of it */
export async function readText(answer: Answer, max = TEXT_MAX): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of answer.body) {
    chunks.push(chunk)
    length += chunk.length
    if (length > max) break
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** @returns `undefined` for what is no JSON */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
