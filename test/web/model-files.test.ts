import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { modelRequests } from '~/db/schema'
import { resultFile } from '~/result-files'
import { complete, modelSite } from './model-site'
import { raw } from './raw'

const CONTENT = '0123456789'
const NO_FILE = '{"error":"There is no such file."}'

async function withFiles(files: Parameters<typeof complete>[3]) {
  const site = await modelSite()
  await site.publish(site.mo, { id: 'mo/cats' })
  const id = await site.call(site.mo, 'mo/cats')
  return { ...site, id, addresses: complete(site, site.member, id, files) }
}

async function withFile({ content = CONTENT as string | Buffer } = {}) {
  const { addresses, ...site } = await withFiles([{ name: 'cat 1.png', content }])
  const of = { userId: site.member.id, requestId: site.id, position: 0 }
  return { ...site, address: addresses[0] ?? '', path: resultFile(site.dataDir, of) }
}

describe('a file that came out is sent', () => {
  it('to who made the request alone, by cookie or with a token that reads models', async () => {
    const { mo, ada, visitor, withApiToken, admin, member, address } = await withFile()
    const own = [mo, withApiToken(member, ['models:read']).visitor]
    for (const asking of own) expect((await asking.get(address)).text).toBe(CONTENT)
    const refused = [
      [ada, 404],
      [withApiToken(admin, ['write']).visitor, 404],
      [withApiToken(member, ['machines:write']).visitor, 403],
      [visitor(), 401],
      [visitor(undefined, 'Bearer slipway_api_guess'), 401],
    ] as const
    for (const [asking, status] of refused) {
      const answer = await asking.get(address)
      expect([answer.status, JSON.parse(answer.text)]).toEqual([status, { error: expect.any(String) }])
    }
  })

  it('as what it is, in a box of its own, kept by nobody else', async () => {
    const { mo, address, id } = await withFile()
    const { headers } = await mo.get(address)
    expect(headers).toMatchObject({
      'content-type': 'image/png',
      'content-length': '10',
      'content-disposition': 'inline; filename="cat 1.png"',
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, no-cache',
      'accept-ranges': 'bytes',
      etag: `"${id}-0"`,
    })
    const download = await mo.get(`${address}?download=1`)
    expect(download.headers['content-disposition']).toBe('attachment; filename="cat 1.png"')
    const foreign = { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }
    expect((await mo.get(address, foreign)).status).toBe(403)
  })

  it('in the range that is asked for', async () => {
    const { mo, address } = await withFile()
    const none = '{"error":"The file has no such range."}'
    for (const [range, status, text, contentRange] of [
      ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
      ['bytes=-3', 206, '789', 'bytes 7-9/10'],
      ['bytes=8-', 206, '89', 'bytes 8-9/10'],
      ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
      ['bytes=0-1,4-5', 200, CONTENT, undefined],
      ['lines=1-2', 200, CONTENT, undefined],
      ['bytes=10-', 416, none, 'bytes */10'],
    ] as const) {
      const answer = await mo.get(address, { range })
      const found = [range, answer.status, answer.text, answer.headers['content-range']]
      expect(found).toEqual([range, status, text, contentRange])
      expect(answer.headers['content-type']).toMatch(status === 416 ? /^application\/json/ : /^image\/png$/)
    }
  })

  it('only as far as it changed', async () => {
    const { mo, address, id } = await withFile()
    const etag = `"${id}-0"`
    const ask = async (headers: Record<string, string>) => {
      const { status, text } = await mo.get(address, headers)
      return [status, text]
    }
    expect(await ask({ 'if-none-match': etag })).toEqual([304, ''])
    expect(await ask({ 'if-range': etag, range: 'bytes=0-0' })).toEqual([206, '0'])
    expect(await ask({ 'if-range': '"other"', range: 'bytes=0-0' })).toEqual([200, CONTENT])
    expect((await ask({ 'if-match': '"other"' }))[0]).toBe(412)
    const head = await mo.ask(address, { method: 'HEAD' })
    expect([head.status, head.headers['content-length'], head.text]).toEqual([200, '10', ''])
  })

  it('as bytes to keep when a browser should not show it', async () => {
    const types = ['text/html', 'image/svg+xml', 'application/pdf', 'image/png; x', 'IMAGE/PNG', '']
    const { mo, addresses } = await withFiles(types.map((mediaType) => ({ name: 'x.html', mediaType })))
    for (const address of addresses) {
      const { headers } = await mo.get(address)
      expect([headers['content-type'], headers['content-disposition']]).toEqual([
        'application/octet-stream',
        'attachment; filename="x.html"',
      ])
    }
  })

  it('under the name that it has, whatever that is', async () => {
    const names = [
      ...['a"b.png', 'a\r\nSet-Cookie: x=1.png', 'キャット.png', '100%.png', '%2e%2e', "it's(1).png"],
      ...['\u0000.png', '..png', '__proto__'],
    ]
    const { mo, addresses } = await withFiles(names.map((name) => ({ name, content: CONTENT })))
    for (const address of addresses) {
      const { status, text, headers } = await mo.get(address)
      expect([address, status, text, headers['set-cookie']]).toEqual([address, 200, CONTENT, undefined])
      expect(headers['content-disposition']).toMatch(
        /^inline; filename="[\x20-\x7e\xa0-\xff]*"(; filename\*=UTF-8''\S+)?$/,
      )
    }
  })

  it('in step with who takes it, and not into memory', async () => {
    const { mo, address, sockets } = await withFile({ content: Buffer.alloc(40_000_000) })
    const { body, statusCode } = await mo.stream(address)
    expect(statusCode).toBe(200)
    expect(sockets.buffered()).toBeLessThan(1_000_000)
    let length = 0
    for await (const chunk of body) length += chunk.length
    expect(length).toBe(40_000_000)
  })
})

describe('there is no such file', () => {
  it('under another name, position or request', async () => {
    const { mo, id, address } = await withFile()
    for (const path of [
      address.replace('cat', 'dog'),
      address.replace('/0/', '/1/'),
      address.replace('/0/', '/00/'),
      address.replace('/0/', '/-1/'),
      address.replace('/0/', '/9999999999999999/'),
      address.replace(id, 'a'.repeat(16)),
      `${address}/x`,
      `/v1/requests/${id}/files/0/`,
      `/v1/requests/${id}/files/0/%ff`,
      `/v1/requests/${id}/files/0/..%2f..%2f..%2fslipway.db`,
      `/v1/requests/..%2f..%2f/files/0/cat%201.png`,
      `/v1/requests/%2e%2e/files/0/cat%201.png`,
    ]) {
      const answer = await mo.get(path)
      expect([path, answer.status, JSON.parse(answer.text)]).toEqual([
        path,
        404,
        { error: expect.any(String) },
      ])
    }
  })

  it('while the request is none that was completed', async () => {
    const { mo, db, address } = await withFile()
    db.update(modelRequests).set({ status: 'cancelled' }).run()
    expect((await mo.get(address)).status).toBe(404)
  })

  it('when it is gone from the disk, or is no file', async () => {
    const { mo, path, address, logged } = await withFile()
    const before = logged.length
    rmSync(path)
    const answer = await mo.get(address)
    expect([answer.status, answer.text]).toEqual([404, NO_FILE])
    mkdirSync(path)
    expect((await mo.get(address)).text).toBe(NO_FILE)
    expect(logged.slice(before)).toEqual([])
  })

  it('where a link leads somewhere else, at its own place or at any folder above', async () => {
    const { mo, path, address, dataDir } = await withFile()
    writeFileSync(join(dataDir, 'secret'), 'hf_CANARY')
    rmSync(path)
    symlinkSync(join(dataDir, 'secret'), path)
    expect((await mo.get(address)).text).toBe(NO_FILE)
    const elsewhere = join(dataDir, 'elsewhere')
    mkdirSync(elsewhere)
    writeFileSync(join(elsewhere, '0'), 'hf_CANARY')
    rmSync(dirname(path), { recursive: true })
    symlinkSync(elsewhere, dirname(path))
    expect((await mo.get(address)).text).toBe(NO_FILE)
  })
})

it('410 once what is kept for a while has been removed', async () => {
  const { mo, ada, db, clock, path, address } = await withFile()
  db.update(modelRequests).set({ expiredAt: clock() }).run()
  rmSync(path)
  const answer = await mo.get(address)
  expect([answer.status, JSON.parse(answer.text)]).toEqual([
    410,
    { error: expect.stringContaining('were removed') },
  ])
  expect((await ada.get(address)).status).toBe(404)
})

it('a file that is cut short while it is sent, and a reader that goes, do no harm', async () => {
  const { mo, member, withApiToken, path, address, port } = await withFile({
    content: Buffer.alloc(40_000_000),
  })
  const { token } = withApiToken(member, ['models:read'])
  const left = await mo.stream(address)
  left.body.on('error', () => undefined).destroy()
  const { body } = await mo.stream(address)
  body.on('error', () => undefined)
  truncateSync(path, 10)
  let length = 0
  await (async () => {
    for await (const chunk of body) length += chunk.length
  })().catch(() => undefined)
  expect(length).toBeLessThan(40_000_000)
  const again = `GET ${address} HTTP/1.1\r\nHost: slipway.test:3000\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`
  expect(await raw(port, again)).toMatch(/^HTTP\/1\.1 200 OK/)
})

it('a download ends when the token that asked for it is revoked', async () => {
  const { withApiToken, member, mo, address } = await withFile({ content: Buffer.alloc(40_000_000) })
  const { id, visitor } = withApiToken(member, ['models:read'])
  const { body } = await visitor.stream(address)
  await mo.mutate('apiTokens.revoke', { id })
  const ended = (async () => {
    for await (const _ of body);
  })()
  await expect(ended).rejects.toThrow()
})
