import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import type { PreviewView } from '../contract'
import { resolveFile } from '../workspace/entries'
import { mediaType } from '../workspace/media-types'
import type { Workspace } from '../workspace/workspace'
import { previewSafetensors, readAt } from './safetensors'

const TEXT_MAX = 256 * 1024

/** What can be shown of a file without loading it. */
export async function preview(workspace: Workspace, path: string): Promise<PreviewView> {
  const real = await resolveFile(workspace, path)
  const kind = mediaType(basename(path))?.split('/')[0]
  if (kind === 'image' || kind === 'video' || kind === 'audio') return { kind }
  const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const { size } = await file.stat()
    if (/\.(safetensors|sft)$/i.test(path)) return await previewSafetensors(file, size)
    return await previewText(file, size)
  } finally {
    await file.close()
  }
}

async function previewText(file: FileHandle, size: number): Promise<PreviewView> {
  const bytes = await readAt(file, 0, Math.min(size, TEXT_MAX))
  const truncated = size > bytes.length
  const text = decode(bytes, truncated)
  if (text === undefined || text.includes('\0'))
    return { kind: 'none', reason: 'There is no preview of this kind of file. Download it to look at it.' }
  return { kind: 'text', text, truncated }
}

/** @param truncated whether the last character may be cut in two */
function decode(bytes: Buffer, truncated: boolean): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: truncated })
  } catch {
    return undefined
  }
}
