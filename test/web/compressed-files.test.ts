import { writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import express from 'express'
import { expect, it, onTestFinished } from 'vitest'
import { compressedFiles } from '~/app/server/compressed-files'
import { compressFiles } from '~/scripts/steps/compress.mjs'
import { listen } from '../fakes/listen'
import { temporaryFolder } from '../support/temp-folder'

const LONG = 'export const a = 1\n'.repeat(200)

async function served() {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  writeFileSync(join(folder.path, 'long.js'), LONG)
  writeFileSync(join(folder.path, 'short.js'), 'export {}')
  await compressFiles(folder.path)
  const app = express()
  app.use('/assets', compressedFiles(folder.path), express.static(folder.path))
  const server = await listen(app)
  onTestFinished(server.close)
  return async (name: string, accept?: string) => {
    const headers = accept === undefined ? {} : { 'accept-encoding': accept }
    const answer = await new Promise<IncomingMessage>((resolve, reject) =>
      // The connection that an agent keeps may be one that the server is about to close.
      get(`${server.url}/assets/${name}`, { headers, agent: false }, resolve).on('error', reject),
    )
    const { 'content-encoding': coding, 'content-type': type, vary } = answer.headers
    return { status: answer.statusCode, coding, type, vary, body: await buffer(answer) }
  }
}

it('a file comes as compressed as the browser takes it, as what it is, and says that this depends', async () => {
  const ask = await served()
  const plain = {
    status: 200,
    type: expect.stringMatching(/^application\/javascript; charset=utf-8$/i),
    vary: 'Accept-Encoding',
  }
  const br = await ask('long.js', 'gzip, deflate, br')
  expect(br).toMatchObject({ ...plain, coding: 'br' })
  expect(brotliDecompressSync(br.body).toString()).toBe(LONG)
  const gzip = await ask('long.js', 'gzip, deflate')
  expect(gzip).toMatchObject({ ...plain, coding: 'gzip' })
  expect(gunzipSync(gzip.body).toString()).toBe(LONG)
  for (const accept of [undefined, 'identity', 'br;q=0, gzip;q=0'])
    expect(await ask('long.js', accept)).toMatchObject({
      ...plain,
      coding: undefined,
      body: Buffer.from(LONG),
    })
})

it('what is too short to gain by it, and what isn’t there, is answered as ever', async () => {
  const ask = await served()
  expect(await ask('short.js', 'br')).toMatchObject({ status: 200, coding: undefined, vary: undefined })
  for (const name of ['none.js', '..%2flong.js', 'constructor'])
    expect(await ask(name, 'br')).toMatchObject({ coding: undefined })
})
