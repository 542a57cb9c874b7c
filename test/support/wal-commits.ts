import { readFileSync } from 'node:fs'
import type { Db } from '~/db/open'

const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24

/**
 * How many transactions stand in the database's log: each is one wait for the disk. A checkpoint begins it anew.
 * The layout is in https://www.sqlite.org/fileformat2.html#walformat
 */
export function walCommits({ $client }: Db): number {
  const wal = readFileSync(`${$client.name}-wal`)
  if (wal.length < HEADER_BYTES) return 0
  const frameBytes = FRAME_HEADER_BYTES + wal.readUInt32BE(8)
  const salts = wal.subarray(16, 24)
  let commits = 0
  for (let at = HEADER_BYTES; at + frameBytes <= wal.length; at += frameBytes) {
    // What is left from before the last checkpoint.
    if (!wal.subarray(at + 8, at + 16).equals(salts)) break
    // The last frame of a transaction says how large the database is from then on.
    if (wal.readUInt32BE(at + 4) > 0) commits++
  }
  return commits
}
