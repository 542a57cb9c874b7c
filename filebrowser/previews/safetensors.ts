import type { FileHandle } from 'node:fs/promises'
import * as z from 'zod'
import type { PreviewView } from '../contract'

/** The format allows 100 MB; what is larger than this is no header of a model that anybody made. */
const HEADER_MAX = 16 * 1024 * 1024
/** Of a value: training tools write whole tables into some. */
const VALUE_MAX = 4096
const VALUES_MAX = 500

const tensor = z.object({ dtype: z.string().max(32), shape: z.array(z.number().int().min(0)) })
const header = z.record(z.string(), z.unknown())

/** What the header of a model in safetensors format tells: 8 bytes of length, then JSON. */
export async function previewSafetensors(file: FileHandle, size: number): Promise<PreviewView> {
  const head = await readAt(file, 0, 8)
  if (head.length < 8) return damaged('it is shorter than a header')
  const length = head.readBigUInt64LE()
  if (length > BigInt(size - 8)) return damaged('its header is said to be longer than the file')
  if (length > BigInt(HEADER_MAX)) return damaged('its header is larger than 16 MB')
  const text = (await readAt(file, 8, Number(length))).toString('utf8')
  const { success, data } = header.safeParse(parse(text))
  if (!success) return damaged('its header is not JSON')

  const { __metadata__: metadata = {}, ...rest } = data
  const tensors = z.array(tensor).safeParse(Object.values(rest))
  const texts = z.record(z.string(), z.string()).safeParse(metadata)
  if (!tensors.success || !texts.success) return damaged('its header is not that of a model')
  const sizes = tensors.data.map(({ shape }) => shape.reduce((product, each) => product * each, 1))
  return {
    kind: 'safetensors',
    metadata: Object.fromEntries(
      Object.entries(texts.data)
        .slice(0, VALUES_MAX)
        .map(([key, value]) => [key, shorten(value)]),
    ),
    tensors: sizes.length,
    parameters: sizes.reduce((sum, each) => sum + each, 0),
    dtypes: [...new Set(tensors.data.map(({ dtype }) => dtype))].sort(),
  }
}

/** @returns fewer bytes where the file ends */
export async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  let read = 0
  while (read < length) {
    const { bytesRead } = await file.read(buffer, read, length - read, position + read)
    if (bytesRead === 0) break
    read += bytesRead
  }
  return buffer.subarray(0, read)
}

const shorten = (value: string) => (value.length > VALUE_MAX ? `${value.slice(0, VALUE_MAX)}…` : value)

const damaged = (why: string): PreviewView => ({
  kind: 'none',
  reason: `This is not a whole safetensors file: ${why}.`,
})

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
