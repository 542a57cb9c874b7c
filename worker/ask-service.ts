import { boundedText } from './bounded-text'

const ANSWER_LIMIT_MS = 3000
/** A queue of ComfyUI's holds whole workflows; more than this is no reason to wait for the rest. */
const ANSWER_BYTES_MAX = 8 * 1024 ** 2

/**
 * Asks a service of a machine something that it answers with JSON, and at once.
 * @param bytesMax a longer answer counts as none
 * @returns undefined when it doesn't; of an answer that is not 200 only the status
 */
export async function askService(
  url: string,
  shutdown: AbortSignal,
  bytesMax = ANSWER_BYTES_MAX,
): Promise<{ status: number; body?: unknown } | undefined> {
  try {
    const signal = AbortSignal.any([shutdown, AbortSignal.timeout(ANSWER_LIMIT_MS)])
    const response = await fetch(url, { signal, redirect: 'manual' })
    const { status } = response
    if (status === 200) return { status, body: JSON.parse(await boundedText(response, bytesMax)) }
    await response.body?.cancel()
    return { status }
  } catch {
    return undefined
  }
}
