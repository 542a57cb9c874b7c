import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRedis } from '../test/support/redis'

/** A folder and a Redis while the work lasts. */
export async function inFolder(work: (folder: string, redisUrl: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  const redis = await startRedis(join(folder, 'redis'))
  try {
    await work(folder, redis.url)
  } finally {
    await redis.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}
