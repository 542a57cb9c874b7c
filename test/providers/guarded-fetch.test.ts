import type { IncomingHttpHeaders } from 'node:http'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { guardedFetch } from '~/providers/network/guarded-fetch'
import { Refusal } from '~/providers/refusal'
import { listen } from '../fakes/listen'
import { testIssuers } from './issuers'

const TOKEN = 'hf_CANARYgoodgoodgoodgood'
type Host = Awaited<ReturnType<typeof listen>>

let hub: Host
let storage: Host
const seen: { host: string; headers: IncomingHttpHeaders }[] = []
beforeAll(async () => {
  storage = await listen((request, response) => {
    seen.push({ host: 'storage', headers: request.headers })
    if (request.url === '/back') return void response.writeHead(302, { Location: `${hub.url}/end` }).end()
    response.writeHead(request.url === '/full' ? 503 : 200, { 'X-Xet-Hash': 'hash' }).end('stored')
  })
  hub = await listen((request, response) => {
    seen.push({ host: 'hub', headers: request.headers })
    if (request.url === '/end') return void response.end('end')
    response.writeHead(302, { Location: `${storage.url}${request.url}` }).end()
  })
  return () => Promise.all([hub.close(), storage.close()])
})
beforeEach(() => void seen.splice(0))

function guarded(refusals: Refusal[] = []) {
  const { network } = testIssuers({ huggingface: hub.url, downloadHosts: [storage.host] })
  return guardedFetch({
    ...{ network, provider: 'huggingface', base: hub.url, token: TOKEN },
    signal: new AbortController().signal,
    explain: ({ status }) => new Refusal('network', `It said ${status}.`),
    onRefusal: (refusal) => void refusals.push(refusal),
  })
}
const authorizations = () => seen.map(({ host, headers }) => [host, headers.authorization])

test('the token goes to the issuer alone, and not back to it by way of another host', async () => {
  const answer = await guarded()(`${hub.url}/back`, { headers: { range: 'bytes=1-2' } })
  expect([answer.status, await answer.text()]).toEqual([200, 'end'])
  expect(authorizations()).toEqual([
    ['hub', `Bearer ${TOKEN}`],
    ['storage', undefined],
    ['hub', undefined],
  ])
  expect(seen.map(({ headers }) => headers.range)).toEqual(['bytes=1-2', 'bytes=1-2', 'bytes=1-2'])
})

test('what the library sends as its right goes to the host that it names and no further', async () => {
  const headers = { authorization: 'Bearer lent', accept: 'application/json' }
  const answer = await guarded()(new URL(`${storage.url}/file`), { headers })
  expect([answer.headers.get('x-xet-hash'), await answer.text()]).toEqual(['hash', 'stored'])
  expect(seen[0]?.headers.accept).toBe('application/json')
  await (await guarded()(`${storage.url}/back`, { headers })).text()
  expect(authorizations()).toEqual([
    ['storage', 'Bearer lent'],
    ['storage', 'Bearer lent'],
    ['hub', undefined],
  ])
})

test('what goes wrong is told as it is, whatever the library makes of it', async () => {
  const refusals: Refusal[] = []
  const fetch = guarded(refusals)
  expect((await fetch(`${storage.url}/full`)).status).toBe(503)
  await expect(fetch('https://evil.example/x')).rejects.toMatchObject({ code: 'host_not_allowed' })
  await expect(fetch('http://169.254.169.254/latest')).rejects.toMatchObject({ code: 'host_not_allowed' })
  expect(refusals.map(({ code }) => code)).toEqual(['network', 'host_not_allowed', 'host_not_allowed'])
  await expect(fetch(hub.url, { method: 'POST', body: 'x' })).rejects.toThrow(/POST/)
  expect(seen.length).toBe(1)
})
