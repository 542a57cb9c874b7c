import { createHash } from 'node:crypto'
import { isPickle } from '~/providers/models/formats'
import { type DownloadDeps, download } from './download'
import type { Fetch } from './fetch'

/** Fetches from the first byte every time. */
export const fetchAnew =
  (deps: DownloadDeps): Fetch =>
  async ({ source, folder }, progress, signal) => {
    let path = ''
    let size = 0
    let sha256: string | null = null
    let found: Promise<void> = Promise.resolve()
    const told = {
      onFile(file: { name: string; size?: number; sha256?: string }, target: string) {
        path = target ? `${target}/${file.name}` : file.name
        sha256 = file.sha256 ?? null
        found = progress.onFile({
          name: file.name,
          folder: target,
          size: file.size ?? null,
          sha256,
          version: null,
          etag: null,
          pickle: isPickle(file.name),
        })
        found.catch(() => undefined)
      },
      onStart: () => progress.onBytes(0),
      onBytes(received: number) {
        size = received
        progress.onBytes(received)
      },
    }
    await download(deps, source, folder, told, signal)
    await found
    const verified = sha256 ? ('sha256' as const) : ('size' as const)
    return { path, size, sha256: sha256 ?? createHash('sha256').digest('hex'), verified }
  }
