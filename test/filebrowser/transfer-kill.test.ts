import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startLargeFile } from '../fakes/large-file'
import { bundled } from '../support/bundle'
import { type RunningProgram, startProgram } from '../support/start-program'
import { temporaryFolder } from '../support/temp-folder'
import { until } from '../support/until'

const SIZE = 5_000_000_000
// Early ones mostly: after each, all that is there is read again.
const KILLED_AT = [1, 60, 120, 180, 240, 300, 360, 500, 700, 4700].map((megabytes) => megabytes * 1e6)

test('a 5 GB file whose program is killed ten times on the way arrives whole', async () => {
  const [program, server] = await Promise.all([bundled('test/support/transfer-process.ts'), startLargeFile()])
  const folder = temporaryFolder()
  onTestFinished(async () => {
    await server.close()
    folder.remove()
  })
  const env = {
    PATH: process.env.PATH,
    ENDPOINT: server.url,
    ADDRESS: server.address(SIZE),
    FOLDER: join(folder.path, 'workspace'),
    RECORD: join(folder.path, 'record.json'),
  }

  const places = [...KILLED_AT]
  let running: RunningProgram | undefined
  server.watch((at) => {
    if (at < (places[0] ?? Number.POSITIVE_INFINITY)) return
    places.shift()
    running?.signal('SIGKILL')
  })
  const ends: (number | string)[] = []
  let output: string[] = []
  while (ends.at(-1) !== 0) {
    running = await startProgram(program, { env, readyLine: /begins/ })
    const { ended } = running
    output = running.output
    ends.push(await ended)
    if (ends.at(-1) !== 0 && ends.at(-1) !== 'SIGKILL') throw new Error(output.join('\n'))
  }
  expect(ends).toEqual([...KILLED_AT.map(() => 'SIGKILL'), 0])

  const done = await until('it says what it has', () => output.find((line) => line.startsWith('done ')))
  const sha256 = server.hashOf(SIZE)
  expect(JSON.parse(done.slice('done '.length))).toMatchObject({ size: SIZE, sha256, verified: 'sha256' })
  expect(Number(output.find((line) => line.startsWith('verifying '))?.split(' ')[1])).toBeGreaterThan(4e9)
  expect(output.some((line) => line.startsWith('notice '))).toBe(false)
  const target = join(env.FOLDER, 'models/checkpoints')
  expect(await readdir(target)).toEqual(['model.safetensors'])
  const hash = createHash('sha256')
  await pipeline(createReadStream(join(target, 'model.safetensors'), { highWaterMark: 1024 * 1024 }), hash)
  expect(hash.digest('hex')).toBe(sha256)
}, 240_000)
