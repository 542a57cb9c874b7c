import { performance } from 'node:perf_hooks'
import type { Redis } from 'ioredis'

/** What is wrong with Redis: it is away, takes nothing more, or may throw away what it was given. */
export type RedisFault = 'redis' | 'redis_memory' | 'redis_eviction_policy'

/** What Redis takes, and how quickly it answers. */
export interface RedisUse {
  usedBytes: number
  /** Null without a limit. */
  limitBytes: number | null
  answeredMs: number
}

/** @throws what the connection says when Redis is away */
export async function redisUse(connection: Redis): Promise<RedisUse> {
  const begun = performance.now()
  const memory = await connection.info('memory')
  const answeredMs = performance.now() - begun
  const bytes = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(memory)?.[1] ?? 0)
  return { usedBytes: bytes('used_memory'), limitBytes: bytes('maxmemory') || null, answeredMs }
}

/**
 * Asks Redis how it is.
 * @param key may be written
 * @throws what the connection says when Redis is away or refuses for another reason than its memory
 */
export async function redisFaults(connection: Redis, key: string): Promise<RedisFault[]> {
  const memory = await connection.info('memory')
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? 'noeviction'
  const faults: RedisFault[] = policy === 'noeviction' ? [] : ['redis_eviction_policy']
  try {
    // What is counted against the limit differs by version; whether a write is refused doesn't.
    await connection.set(key, '1', 'EX', 60)
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('OOM')) throw error
    faults.push('redis_memory')
  }
  return faults
}
