import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestRedis } from '../support/redis'

/** A text to look in, and where it was found. */
export interface Place {
  name: string
  text: string
}

/** Every way in which a secret would show: as it is, URL-encoded, or in base64 wherever it begins. */
function formsOf(secret: string): string[] {
  const base64 = [0, 1, 2].map((offset) => {
    const encoded = Buffer.from('\0'.repeat(offset) + secret).toString('base64')
    // Without what depends on the neighbours.
    return encoded.slice(offset ? 4 : 0, Math.floor((offset + secret.length) / 3) * 4)
  })
  const urlSafe = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('hex'),
    ...base64,
    ...urlSafe,
  ]
}

/** @returns the names of the places that hold any of the secrets in any form */
export function findSecrets(places: Place[], secrets: string[]): string[] {
  const forms = secrets.flatMap(formsOf)
  return places.filter(({ text }) => forms.some((form) => text.includes(form))).map(({ name }) => name)
}

/** Every file below a folder, byte by byte. */
export function filesBelow(folder: string): Place[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((name) => ({ name, text: readFileSync(name, 'latin1') }))
}

/** The arguments of every process of this machine. */
export function commandLines(): Place[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [{ name: `/proc/${pid}/cmdline`, text: readFileSync(`/proc/${pid}/cmdline`, 'latin1') }]
      } catch {
        return []
      }
    })
}

const READ: Record<string, (key: string) => string[]> = {
  string: (key) => ['GET', key],
  hash: (key) => ['HGETALL', key],
  list: (key) => ['LRANGE', key, '0', '-1'],
  set: (key) => ['SMEMBERS', key],
  zset: (key) => ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
  stream: (key) => ['XRANGE', key, '-', '+'],
  // Gone since it was listed, as jobs come and go.
  none: (key) => ['GET', key],
}

/** Every key of Redis with what is in it. */
export async function redisKeys(redis: TestRedis): Promise<Place[]> {
  const keys = (await redis.command('KEYS', '*')) as string[]
  return Promise.all(
    keys.map(async (key) => {
      const type = String(await redis.command('TYPE', key))
      const read = READ[type]
      if (!read) throw new Error(`This cannot look into a ${type}.`)
      return { name: `Redis ${key}`, text: key + JSON.stringify(await redis.command(...read(key))) }
    }),
  )
}
