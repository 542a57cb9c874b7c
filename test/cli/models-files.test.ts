import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EXIT } from '~/cli/exits'
import { fetchFile } from '~/cli/models/fetch-file'
import { nameInUrl, numbered, safeFileName } from '~/cli/models/file-name'
import { noMount, smallDisk } from '../support/small-disk'
import { type Asked, CANARY, type FakeAnswer, fakeLoginServer } from './fake-login-server'
import { FILE, inTurn, modelCli, modelServer, RESULT, status } from './model-cli'

const PICTURE = randomBytes(30_000).toString('base64')
const type = { 'content-type': 'image/png' }

/** Answers from where it is asked to, and breaks off half-way as often as it says. */
function breaking(cuts: number, { etag = '"1"', always = false }: { etag?: string; always?: boolean } = {}) {
  let left = cuts
  return ({ headers: { range } }: Asked): FakeAnswer => {
    const cut = left-- > 0 && { cut: 'half-way' as const }
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0)
    if (!from || always) return { body: PICTURE, headers: { ...type, ...(etag && { etag }) }, ...cut }
    const place = `bytes ${from}-${PICTURE.length - 1}/${PICTURE.length}`
    return {
      status: 206,
      body: PICTURE.slice(from),
      headers: { ...type, etag, 'content-range': place },
      ...cut,
    }
  }
}

describe('a file whose connection breaks off', () => {
  it('is gone on with where it was, if it is the same', async () => {
    const server = await modelServer({ [FILE]: breaking(3) })
    const { run, pathOf, pauses, files } = modelCli(server.url)
    expect(await run()).toBeUndefined()
    expect(readFileSync(pathOf('a.png'), 'latin1')).toBe(PICTURE)
    expect(files()).toEqual(['a.png'])
    const asked = server.at(FILE).map(({ headers }) => headers)
    expect(asked).toHaveLength(4)
    for (const headers of asked.slice(1))
      expect(headers).toMatchObject({ range: expect.stringMatching(/^bytes=[1-9]\d*-$/), 'if-range': '"1"' })
    // Each got further than the one before.
    expect(pauses).toEqual([500, 500, 500])
  })

  it.each([
    ['the server sends all of it anew', breaking(1, { always: true })],
    ['nobody can tell whether it is the same', breaking(1, { etag: '' })],
  ])('begins anew when %s', async (_when, answer) => {
    const server = await modelServer({ [FILE]: answer })
    const { run, pathOf } = modelCli(server.url)
    expect(await run()).toBeUndefined()
    expect(readFileSync(pathOf('a.png'), 'latin1')).toBe(PICTURE)
  })

  it('at the same place each time is given up, and nothing of it stays; the result is printed all the same', async () => {
    const server = await modelServer({ [FILE]: breaking(99, { etag: '' }) })
    const { run, files, said } = modelCli(server.url)
    expect(await run()).toMatchObject({
      exit: EXIT.upstream,
      message: expect.stringMatching(/^1 of 1 files did not arrive\. Again: runcomfy result r1 --download\n/),
    })
    expect(server.at(FILE)).toHaveLength(5)
    expect(files()).toEqual([])
    expect(JSON.parse(said.stdout)).toMatchObject({ request_id: 'r1', files: [] })
  })
})

it('waits for a busy server as long as it says; what is refused is asked for once', async () => {
  const busy = { status: 503, headers: { 'retry-after': '9' }, body: { error: 'Busy.' } }
  const server = await modelServer({ [FILE]: inTurn(busy, { body: 'x' }) })
  const { run, pauses } = modelCli(server.url)
  expect(await run()).toBeUndefined()
  expect(pauses).toEqual([9000])
  const gone = await modelServer({ [FILE]: { status: 410, body: { error: 'It was removed after 7 days.' } } })
  expect(await modelCli(gone.url).run()).toMatchObject({
    exit: EXIT.badInput,
    message: expect.stringContaining('It was removed after 7 days.'),
  })
  expect(gone.at(FILE)).toHaveLength(1)
})

it('another part of a file than was asked for is no part of it', async () => {
  const place = `bytes 0-9/${PICTURE.length}`
  const server = await modelServer({
    [FILE]: inTurn(
      { body: PICTURE, headers: { etag: '"1"' }, cut: 'half-way' },
      { status: 206, body: '0123456789', headers: { 'content-range': place } },
    ),
  })
  const { run, files } = modelCli(server.url)
  expect(await run()).toMatchObject({ exit: EXIT.failed })
  expect(files()).toEqual([])
})

it.each([
  ['says so', {}],
  ['does not say so', { 'transfer-encoding': 'chunked' }],
])(
  'a file that is too large is not taken, and nothing of it stays, when the server %s',
  async (_how, headers) => {
    const server = await modelServer({ [FILE]: { body: PICTURE, headers } })
    const { cli, folder, files } = modelCli(server.url)
    const url = new URL(FILE, server.url)
    await expect(fetchFile(cli, url, folder, { bytesMax: 20_000 })).rejects.toThrow('A file is larger than')
    expect(files()).toEqual([])
  },
)

it('only files of the request are fetched, the token goes nowhere else, and the rest is said to be skipped', async () => {
  const server = await modelServer()
  const own = (path: string) => `${server.url}${path}`
  const skipped = [
    own('/v1/models'),
    own('/trpc/account.me'),
    own('/v1/requests/../../trpc/machines.list'),
    own(FILE.replace('r1', 'r2')),
    own('/v1/requests/r1/files/../../../../trpc/saves.list'),
    own('/v1/requests/r1/status'),
  ]
  const output = {
    images: [own(FILE), own(FILE)],
    more: { texts: [...skipped, 'A text: http://x', 'ftp://x/y', null] },
  }
  server.answer(RESULT, status('completed', { output }))
  const { run, said, files } = modelCli(server.url)
  expect(await run()).toBeUndefined()
  expect(said.stderr).toContain('Warning: Skipped 6 URL(s) that are not files of this request.\n')
  expect(files()).toEqual(['a.png'])
  expect(server.asked.map(({ path }) => path).slice(3)).toEqual([FILE])
})

it('files that a result names under another name of the server are asked of the login’s address alone', async () => {
  const foreign = await fakeLoginServer()
  const server = await modelServer()
  const names = [
    foreign.url,
    server.url.replace('http:', 'https:'),
    server.url.replace('//', '//name:password@'),
  ]
  server.answer(RESULT, status('completed', { output: { images: names.map((name) => `${name}${FILE}`) } }))
  const { run, said, files } = modelCli(server.url)
  expect(await run()).toBeUndefined()
  expect(files()).toEqual(['a.png'])
  expect(said.stderr).not.toContain('Skipped')
  expect(server.at(FILE)).toHaveLength(1)
  expect(foreign.asked).toEqual([])
})

it('a result of which every address is skipped is a failure, and printed all the same', async () => {
  const output = { images: ['https://elsewhere.test/a.png'] }
  const server = await modelServer({ [RESULT]: status('completed', { output }) })
  const { run, said } = modelCli(server.url)
  expect(await run()).toMatchObject({
    exit: EXIT.failed,
    message: expect.stringContaining('Nothing was fetched'),
  })
  expect(JSON.parse(said.stdout)).toMatchObject({ output, files: [] })
})

it.skipIf(noMount)(
  'a file for whose end the disk has no room is a failure, and nothing of it stays',
  async () => {
    smallDisk(1)
    // The last of it is taken in part, with no error.
    const server = await modelServer({ [FILE]: { body: 'x'.repeat(10_000) } })
    const { run, pathOf, files } = modelCli(server.url)
    writeFileSync(pathOf('mine'), Buffer.alloc(2 ** 20 - 8192))
    expect(await run()).toMatchObject({ exit: EXIT.failed, message: expect.stringContaining('ENOSPC') })
    expect(files()).toEqual(['mine'])
  },
)

it('a redirect is not followed, so that the token stays here', async () => {
  const foreign = await fakeLoginServer()
  const server = await modelServer({
    [FILE]: { status: 302, headers: { location: `${foreign.url}/x` }, body: '' },
  })
  const { run, files } = modelCli(server.url)
  expect(await run()).toMatchObject({ exit: EXIT.badInput })
  expect(foreign.asked).toEqual([])
  expect(server.at(FILE)[0]?.headers.authorization).toBe(`Bearer ${CANARY}`)
  expect(files()).toEqual([])
})

it('nothing that lies in the folder is replaced: what comes gets a number', async () => {
  const server = await modelServer()
  const { run, pathOf, files } = modelCli(server.url)
  writeFileSync(pathOf('a.png'), 'mine')
  mkdirSync(pathOf('a-1.png'))
  await run()
  await run()
  expect(files()).toEqual(['a-1.png', 'a-2.png', 'a-3.png', 'a.png'])
  expect(readFileSync(pathOf('a.png'), 'utf8')).toBe('mine')
})

it('a folder that is not there is made', async () => {
  const { run, pathOf } = modelCli((await modelServer()).url)
  expect(await run({ outputDir: pathOf('one/two') })).toBeUndefined()
  expect(existsSync(pathOf('one/two/a.png'))).toBe(true)
})

describe('the name of a file from elsewhere', () => {
  it.each([
    ['a.png', 'a.png'],
    ['Leuchtturm ü 灯台.png', 'Leuchtturm ü 灯台.png'],
    ['%2e%2e%2f%2e%2e%2fetc%2fpasswd', '__.._etc_passwd'],
    ['..%5c..%5cx.png', '__.._x.png'],
    ['%2ebashrc', '_bashrc'],
    ['-rf', '_rf'],
    ['a%00%1b%5b2J%0a.png', 'a__[2J_.png'],
    ['gpj.%e2%80%aeexe.png', 'gpj._exe.png'],
    ['nul', '_nul'],
    ['COM1.txt', '_COM1.txt'],
    ['a:b%7c.png', 'a_b_.png'],
    ['a.png...%20', 'a.png'],
    ['%ff', '%ff'],
    ['', 'file'],
    ['%20', '_'],
  ])('%j is kept as %j', (last, name) => {
    expect(nameInUrl(new URL(`https://slipway.test/v1/requests/r/files/0/${last}`))).toBe(name)
  })

  it('is one that every system takes, whatever it was, and keeps a short ending', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (given) => {
        const name = numbered(safeFileName(given), 9999)
        expect(name).not.toMatch(/^[.\-\s]|[.\s]$|[\p{Cc}\p{Cf}<>:"/\\|?*]/u)
        expect(Buffer.byteLength(name)).toBeLessThan(256)
        expect(Buffer.byteLength(name)).toBeGreaterThan(0)
      }),
    )
    expect(safeFileName(`${'灯'.repeat(300)}.png`)).toMatch(/^灯{65,66}\.png$/)
  })
})
