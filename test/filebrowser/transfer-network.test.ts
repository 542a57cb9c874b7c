import type { lookup } from 'node:dns'
import type { IncomingHttpHeaders } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { createNetwork } from '~/providers/network/network'
import { listen } from '../fakes/listen'

type Resolver = (hostname: string) => string[]

/** A network whose names resolve as told; every name that it asks for is kept. */
function network({
  trusted = [],
  resolve = () => ['8.8.8.8'],
}: {
  trusted?: string[]
  resolve?: Resolver
} = {}) {
  const lookedUp: string[] = []
  const lookUp = ((name: string, _options: unknown, callback: (...answer: unknown[]) => void) => {
    lookedUp.push(name)
    callback(
      null,
      resolve(name).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }) as unknown as typeof lookup
  const { open, close } = createNetwork({ trustedHosts: trusted, userAgent: 'test', here: 'Here', lookUp })
  onTestFinished(close)
  const get = (
    url: string,
    { provider = 'huggingface' as 'huggingface' | null, token = 'hf_CANARYtoken' } = {},
  ) => open({ method: 'GET', url, provider, token, follow: 'all', signal: new AbortController().signal })
  return { get, lookedUp }
}

/** A server that redirects as told and remembers what came. */
async function redirecting(locationOf: (url: string) => string | undefined) {
  const seen: { url: string; headers: IncomingHttpHeaders }[] = []
  const server = await listen((request, response) => {
    seen.push({ url: request.url ?? '', headers: request.headers })
    const location = locationOf(request.url ?? '')
    if (location === undefined) return void response.end('file')
    response.writeHead(302, { Location: location }).end()
  })
  onTestFinished(server.close)
  return { ...server, seen }
}

const PRIVATE = [
  'https://127.0.0.1/x',
  'https://2130706433/x',
  'https://0x7f000001/x',
  'https://0x7f.0.0.1/x',
  'https://017700000001/x',
  'https://0177.0.0.01/x',
  'https://127.1/x',
  'https://127.0.1/x',
  'https://0/x',
  'https://10.0.0.1/x',
  'https://100.64.0.1/x',
  'https://172.16.0.1/x',
  'https://192.168.1.1/x',
  'https://169.254.169.254/latest/meta-data',
  'https://2852039166/latest/meta-data',
  'https://[::1]/x',
  'https://[::]/x',
  'https://[::ffff:127.0.0.1]/x',
  'https://[::ffff:a9fe:a9fe]/x',
  'https://[::127.0.0.1]/x',
  'https://[64:ff9b::7f00:1]/x',
  'https://[64:ff9b::169.254.169.254]/x',
  'https://[64:ff9b:1::7f00:1]/x',
  'https://[2002:7f00:1::]/x',
  'https://[2002:a9fe:a9fe::]/x',
  'https://[2001:0:7f00:1::]/x',
  'https://[fe80::1]/x',
  'https://[fc00::1]/x',
  'https://[fd00:ec2::254]/x',
  'https://[ff02::1]/x',
  'https://localhost/x',
  'https://localhost./x',
  'https://LOCALHOST/x',
  'https://①②⑦.⓪.⓪.①/x',
  'https://127。0。0。1/x',
]
const NOT_A_DOWNLOAD = [
  'http://huggingface.co/x',
  'https://huggingface.co:8443/x',
  'https://huggingface.co:22/x',
  'https://huggingface.co./x',
  'https://user@huggingface.co/x',
  'https://huggingface.co@127.0.0.1/x',
  'https://evil.example/x',
  'https://huggingface.co.evil.example/x',
  'https://evilhf.co/x',
  'https://8.8.8.8/x',
  'file:///etc/passwd',
  'gopher://huggingface.co/x',
  'ftp://huggingface.co/x',
  'data:text/plain,x',
]

test.each([...PRIVATE, ...NOT_A_DOWNLOAD])(
  'fault 93: %s is refused before anything is connected to',
  async (url) => {
    const { get, lookedUp } = network()
    await expect(get(url)).rejects.toMatchObject({ code: 'host_not_allowed' })
    await expect(get(url, { provider: null })).rejects.toMatchObject({ code: 'host_not_allowed' })
    expect(lookedUp).toEqual([])
  },
)

test.each([
  ...['127.0.0.1', '10.0.0.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '::1', '::ffff:127.0.0.1'],
  ...['64:ff9b::7f00:1', '2002:7f00:1::', 'fd00:ec2::254', 'fe80::1'],
])(
  'fault 94: a good name that leads to %s is not connected to, also beside a good address',
  async (address) => {
    for (const addresses of [[address], ['8.8.8.8', address]]) {
      const { get, lookedUp } = network({ resolve: () => addresses })
      await expect(get('https://cdn-lfs.hf.co/x')).rejects.toMatchObject({ code: 'host_not_allowed' })
      expect(lookedUp).toEqual(['cdn-lfs.hf.co'])
    }
  },
)

test('fault 94: a name that is bound anew between two requests is looked at again', async () => {
  const answers = [['127.0.0.1'], ['10.0.0.1']]
  const { get, lookedUp } = network({ resolve: () => answers.shift() ?? [] })
  for (let time = 0; time < 2; time++)
    await expect(get('https://huggingface.co/x')).rejects.toMatchObject({ code: 'host_not_allowed' })
  expect(lookedUp).toHaveLength(2)
})

test.each([
  'http://127.0.0.1:1/x',
  'http://169.254.169.254/latest/meta-data',
  'https://[::ffff:127.0.0.1]/x',
  '//2130706433/x',
  'http://cdn-lfs.hf.co/x',
  'https://evil.example/x',
  'file:///etc/passwd',
])('fault 95: a redirect to %s is not followed', async (location) => {
  const server = await redirecting(() => location)
  const { get, lookedUp } = network({ trusted: [server.host] })
  await expect(get(`${server.url}/x`)).rejects.toMatchObject({ code: 'host_not_allowed' })
  expect(server.seen).toHaveLength(1)
  expect(lookedUp).toEqual([])
})

test('fault 95: five redirects are followed, six are not', async () => {
  const server = await redirecting((url) => {
    const left = Number(url.slice(1))
    return left > 0 ? `/${left - 1}` : undefined
  })
  const { get } = network({ trusted: [server.host] })
  const { body, status } = await get(`${server.url}/5`)
  body.destroy()
  expect(status).toBe(200)
  await expect(get(`${server.url}/6`)).rejects.toMatchObject({ code: 'network', transient: false })
})

test('fault 95: the token is gone on the second host, and on the way back', async () => {
  const back = { to: '' }
  const storage = await redirecting((url) => (url === '/out' ? `${back.to}/back` : undefined))
  const issuer = await redirecting((url) => ({ '/a': '/b', '/b': `${storage.url}/out` })[url])
  back.to = issuer.url
  const { get } = network({ trusted: [issuer.host, storage.host] })
  const { body } = await get(`${issuer.url}/a`)
  body.destroy()
  const sent = [...issuer.seen, ...storage.seen].map(({ url, headers }) => [url, headers.authorization])
  expect(sent).toEqual([
    ['/a', 'Bearer hf_CANARYtoken'],
    ['/b', 'Bearer hf_CANARYtoken'],
    ['/back', undefined],
    ['/out', undefined],
  ])
})

test('a host that the operator allows gets the request, and never a token', async () => {
  const server = await redirecting(() => undefined)
  const { get } = network({ trusted: [server.host] })
  const { body } = await get(`${server.url}/file`, { provider: null })
  body.destroy()
  expect(server.seen[0]?.headers.authorization).toBeUndefined()
})
