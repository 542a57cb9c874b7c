import { beforeAll, describe, expect, test } from 'vitest'
import { fileNameOf } from '~/providers/models/disposition'
import { startWebHost, type WebHost } from '../fakes/web-host'
import { startFilebrowser } from './harness'

let host: WebHost
beforeAll(async () => {
  const page = { 'Content-Type': 'text/html; charset=utf-8' }
  host = await startWebHost({
    '/models/style%20one.safetensors': { content: 'style', headers: { ETag: '"v1"' } },
    '/no-head.ckpt': { content: 'checkpoint', noHead: true },
    '/get': {
      content: 'named',
      headers: { 'Content-Disposition': 'attachment; filename="named.safetensors"' },
    },
    '/escape': { content: 'x', headers: { 'Content-Disposition': 'attachment; filename="../../x.bin"' } },
    '/page.safetensors': { content: '<title>Sign in</title>', headers: page },
    '/private.bin': { content: '', status: 403 },
    '/busy.bin': { content: '', status: 429, headers: { 'Retry-After': '59' } },
    '/broken.bin': { content: '', status: 500 },
  })
  return () => {
    expect(host.authorizationSeen).toEqual([])
    return host.close()
  }
})

const TOKENS = { HUGGINGFACE_TOKENS: 'hf_CANARYgoodgoodgood', CIVITAI_TOKENS: 'CANARYcivitaikey' }
const start = () => startFilebrowser({ env: { DOWNLOAD_HOSTS: host.host, ...TOKENS } })
type Started = Awaited<ReturnType<typeof start>>
const ask = async ({ call }: Started, source: string) => (await call('POST', 'preflight', { source })).json

test.each([
  ['/models/style%20one.safetensors', 'style one.safetensors', 5],
  ['/no-head.ckpt', 'no-head.ckpt', 10],
  ['/get?id=7', 'named.safetensors', 5],
  ['/escape', 'escape', 1],
])('a file of an allowed host is named and measured before it is fetched: %s', async (path, name, size) => {
  const browser = await start()
  const view = await ask(browser, host.url + path)
  expect(view).toMatchObject({ provider: null, gate: 'open', error: null })
  expect(view.files).toMatchObject([{ name, size, source: host.url + path, chosen: true }])
})

test('it arrives, without any token', async () => {
  const { download, filesOnDisk } = await start()
  expect(await download(`${host.url}/no-head.ckpt`, 'loras')).toMatchObject({ state: 'done', provider: null })
  expect(await filesOnDisk()).toContain('models/loras/no-head.ckpt')
})

describe('the reason why not, in one sentence with one link', () => {
  const evil = 'https://evil.example/x.safetensors'
  test.each<[string, string, RegExp, RegExp]>([
    [evil, 'host_not_allowed', /evil\.example.*DOWNLOAD_HOSTS/, /^#\/session$/],
    ['file:///etc/passwd', 'host_not_allowed', /https/, /^#\/session$/],
    ['/none.bin', 'revision_or_file_missing', /no such file/, /none\.bin$/],
    ['/private.bin', 'not_found_or_private', /no token there/, /private\.bin$/],
    ['/page.safetensors', 'html_instead_of_file', /web page/, /page\.safetensors$/],
    ['/busy.bin', 'rate_limited', /in 1 min/, /busy\.bin$/],
    ['/broken.bin', 'network', /500/, /broken\.bin$/],
  ])('%s: %s', async (path, code, says, link) => {
    const browser = await start()
    const { error } = await ask(browser, path.startsWith('/') ? host.url + path : path)
    expect(error).toMatchObject({ code, message: expect.stringMatching(says) })
    expect(error.link.href).toMatch(link)
    expect(error.link.label).not.toBe('')
  })

  test.each([
    'http://ada:CANARY@HOST/no-head.ckpt',
    'http://HOST/no-head.ckpt?token=CANARY',
    'http://HOST/no-head.ckpt?X-Amz-Signature=CANARY',
    'http://HOST/hf_CANARYabcdefghijklmnopqrst/no-head.ckpt',
  ])('an address with a secret is refused and not repeated: %s', async (address) => {
    const browser = await start()
    expect(await ask(browser, address.replace('HOST', host.host))).toMatchObject({
      error: { code: 'bad_url' },
    })
    expect(browser.answers.join()).not.toContain('CANARY')
  })
})

test.each([
  ['attachment; filename="a b.bin"', 'a b.bin'],
  ['attachment; filename=plain.bin; size=3', 'plain.bin'],
  ['attachment; filename="old.bin"; filename*=UTF-8\'\'%E6%A8%A1%20x.bin', '模 x.bin'],
  ["inline; filename*=iso-8859-1'en'%E9t%E9.bin", 'été.bin'],
  ['attachment; filename="a\\"b.bin"', 'a"b.bin'],
  ['attachment; filename="x; filename*=UTF-8\'\'evil.bin"', "x; filename*=UTF-8''evil.bin"],
  ["attachment; filename*=UTF-8''%zz; filename=ok.bin", 'ok.bin'],
  ['attachment', undefined],
  [undefined, undefined],
])('the name in %s is read by RFC 6266', (header, name) => {
  expect(fileNameOf(header)).toBe(name)
})
