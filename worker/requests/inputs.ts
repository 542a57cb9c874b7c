import { createHash } from 'node:crypto'
import { isFileType, type ModelDefinition } from '../../workflows/definition'
import type { ComfyUi } from '../comfyui/comfyui'
import { type InputDeps, inputUnusable, readInput } from './input-content'
import { mediaOf } from './media'

const WHAT = {
  image: 'a PNG, JPEG, WebP or GIF',
  video: 'an MP4, MOV, WebM or GIF',
  audio: 'a WAV, MP3, FLAC, OGG, M4A or MP4',
}

/**
 * Gives ComfyUI the files among a request's inputs, each fetched from where its caller says.
 * The same content has the same name there, so that it is there once however often it is sent.
 * @param given values as `checkInputs` gives them
 * @returns all values; of a file, what the node's input is set to
 * @throws RequestError `input_unusable` that names the input and says why
 */
export async function bringInputs(
  deps: InputDeps,
  comfyui: Pick<ComfyUi, 'upload'>,
  given: Record<string, unknown>,
  { inputs }: Pick<ModelDefinition, 'inputs'>,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const values = new Map(Object.entries(given))
  for (const { name, type } of inputs) {
    const value = values.get(name)
    if (!isFileType(type) || typeof value !== 'string') continue
    const bring = async () => {
      signal.throwIfAborted()
      const content = await readInput(deps, name, value, signal)
      const { mediaType, extension } = checkContent(name, type, content)
      return comfyui.upload(`slipway-${hashOf(content)}.${extension}`, mediaType, content, signal)
    }
    values.set(name, await deps.inTurn(bring))
  }
  return Object.fromEntries(values)
}

const hashOf = (content: Buffer) => createHash('sha256').update(content).digest('hex').slice(0, 16)

function checkContent(name: string, type: keyof typeof WHAT, content: Buffer) {
  const media = mediaOf(content)
  if (media?.kinds.includes(type)) return { mediaType: media.mediaType, extension: media.extensions[0] }
  const found = media ? `is ${media.mediaType}` : content.length ? 'is of another format' : 'is empty'
  throw inputUnusable(name, `what was sent ${found}, not ${WHAT[type]} file.`)
}
