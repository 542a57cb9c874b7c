import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const BLOCK = 4096
const blocks = (bytes: number) => Math.round(bytes / BLOCK)

/** Every disk that pages tell of is half full from here on, whatever this host has. */
export function pretendDisk(): void {
  const disk = { bsize: BLOCK, blocks: blocks(2e12), bavail: blocks(1.04e12), bfree: blocks(1.04e12) }
  Object.assign(fs, { statfs: async () => disk })
  syncBuiltinESMExports()
}
