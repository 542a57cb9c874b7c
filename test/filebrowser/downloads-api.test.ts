import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeAll, expect, test } from 'vitest'
import type { DownloadEvent, DownloadView } from '~/filebrowser/contract'
import { type FakeHub, startFakeHub } from '../fakes/hub'
import { until } from '../support/until'
import { startFilebrowser } from './harness'

const MODEL = randomBytes(6_000_000)

let hub: FakeHub
beforeAll(async () => {
  const files = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`${name}.safetensors`, MODEL]))
  hub = await startFakeHub({ repos: { 'open/model': { files } } })
  return () => hub.close()
})
afterEach(() => hub.misbehave(undefined))

const start = (workspace?: string) =>
  startFilebrowser({ env: { HF_ENDPOINT: hub.url, DOWNLOAD_HOSTS: hub.storage.host }, workspace })
const fileUrl = (name: string) => `https://huggingface.co/open/model/resolve/main/${name}.safetensors`

test('a list of files is taken, each in it or among the refused with its reason', async () => {
  const { call, until: wait, workspace } = await start()
  const files = [
    { source: fileUrl('a'), folder: 'input', name: 'renamed.bin' },
    { source: 'https://evil.example/x' },
    { source: fileUrl('b'), folder: '../outside' },
    { source: fileUrl('b'), name: '../x' },
    { source: fileUrl('b'), folder: 'models/loras/of mine' },
  ]
  const { status, json } = await call('POST', 'downloads', { files })
  expect(status).toBe(202)
  expect(json.downloads).toMatchObject([
    { name: 'renamed.bin', folder: 'input' },
    { folder: 'models/loras/of mine' },
  ])
  expect(json.refused).toMatchObject([
    { source: files[1]?.source, error: { code: 'host_not_allowed' } },
    { source: files[2]?.source, error: { code: 'bad_path' } },
    { source: files[3]?.source, error: { code: 'bad_request' } },
  ])
  for (const { id } of json.downloads) await wait(id, ({ state }) => state === 'done')
  expect(MODEL.equals(await readFile(join(workspace, 'input/renamed.bin')))).toBe(true)
  expect(MODEL.equals(await readFile(join(workspace, 'models/loras/of mine/b.safetensors')))).toBe(true)
})

test('paused with half its bytes it goes on from there, and arrives whole', async () => {
  const { call, queue, until: wait, workspace, filesOnDisk } = await start()
  hub.misbehave('stall')
  const { id } = await queue(fileUrl('a'), 'input')
  await wait(id, ({ received }) => received === MODEL.length / 2)
  const { json } = await call('POST', 'downloads/actions', { action: 'pause', ids: [id] })
  expect(json).toMatchObject({ changed: [{ id, state: 'paused', bytesPerSecond: null }], refused: [] })
  expect(await filesOnDisk()).toEqual([`input/.slipway-${id}.part`])
  hub.misbehave(undefined)
  const before = hub.storage.requests.length
  await call('POST', 'downloads/actions', { action: 'resume', ids: 'all' })
  expect(await wait(id, ({ finishedAt }) => finishedAt !== null)).toMatchObject({
    state: 'done',
    verified: 'sha256',
  })
  expect(MODEL.equals(await readFile(join(workspace, 'input/a.safetensors')))).toBe(true)
  expect(hub.storage.requests[before]?.headers.range).toBe(`bytes=${MODEL.length / 2}-`)
})

test('canceling removes the bytes; another try fetches all of them', async () => {
  const { call, queue, until: wait, filesOnDisk } = await start()
  hub.misbehave('stall')
  const { id } = await queue(fileUrl('a'), 'input')
  await wait(id, ({ received }) => received > 0)
  await call('POST', 'downloads/actions', { action: 'cancel', ids: [id] })
  expect(await filesOnDisk()).toEqual([])
  hub.misbehave(undefined)
  const again = await call('POST', 'downloads/actions', { action: 'retry', ids: [id] })
  expect(again.json.changed).toMatchObject([{ id, received: 0 }])
  expect(await wait(id, ({ state }) => state === 'done')).toMatchObject({ received: MODEL.length })
})

test('a filebrowser that is stopped in the middle keeps the bytes, and the next one goes on with them', async () => {
  const first = await start()
  hub.misbehave('stall')
  const { id } = await first.queue(fileUrl('a'), 'input')
  await first.until(id, ({ received }) => received === MODEL.length / 2)
  await first.close()
  expect(await first.filesOnDisk()).toEqual([`input/.slipway-${id}.part`])
  hub.misbehave(undefined)
  const second = await start(first.workspace)
  await second.until(id, ({ state }) => state === 'done')
  expect(MODEL.equals(await readFile(join(first.workspace, 'input/a.safetensors')))).toBe(true)
})

test('whoever comes late or again gets everything first, and then only what changes', async () => {
  const { call, queue, download, events } = await start()
  const a = await download(fileUrl('a'), 'input')
  const stream = events()
  const next = async (): Promise<DownloadEvent> => (await stream.next()).value
  expect(await next()).toMatchObject({ type: 'all', downloads: [{ id: a.id, state: 'done' }] })
  const { id } = await queue(fileUrl('b'), 'input')
  const seen: string[] = []
  for (let state = ''; state !== 'done'; ) {
    const event = await next()
    if (event.type !== 'changed') throw new Error(`${event.type} came`)
    expect(event.downloads.map((view) => view.id)).toEqual([id])
    state = event.downloads[0]?.state ?? ''
    seen.push(state)
  }
  expect(seen).toEqual(expect.arrayContaining(['checking', 'downloading', 'done']))
  await call('POST', 'downloads/actions', { action: 'remove', ids: [a.id] })
  expect(await next()).toEqual({ type: 'removed', ids: [a.id] })
  await stream.return(undefined)
  const again = events()
  expect((await again.next()).value).toMatchObject({ type: 'all', downloads: [{ id }] })
  await again.return(undefined)
})

test('the list can be asked for by state, and wrong questions are named', async () => {
  const { call, download } = await start()
  await download(fileUrl('a'), 'input')
  const ask = async (query: string) => (await call('GET', `downloads?${query}`)).json
  expect(await ask('state=queued,checking&limit=1')).toEqual([])
  expect((await ask('state=paused,done')).map(({ name }: DownloadView) => name)).toEqual(['a.safetensors'])
  expect((await ask('state=dome')).error.code).toBe('bad_request')
  const act = async (body: unknown) => (await call('POST', 'downloads/actions', body)).json.error.code
  expect(await act({ action: 'explode', ids: 'all' })).toBe('bad_request')
  expect(await act({ action: 'pause', ids: [] })).toBe('bad_request')
  expect((await call('POST', 'downloads', {})).json.error.code).toBe('bad_request')
})

test('of 64 who follow the list the next one is refused, until one leaves', async () => {
  const { origin } = await start()
  const follow = () => fetch(`${origin}/api/downloads/events`)
  const streams = await Promise.all(Array.from({ length: 64 }, follow))
  expect((await follow()).status).toBe(409)
  await streams[0]?.body?.cancel()
  await until('there is room again', async () => {
    const { status, body } = await follow()
    await body?.cancel()
    return status === 200
  })
  for (const { body } of streams.slice(1)) await body?.cancel()
})

test('one who follows and never reads holds nobody up', async () => {
  const { origin, download } = await start()
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  socket.pause()
  socket.write(`GET /api/downloads/events HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`)
  for (const name of ['a', 'b', 'c', 'd'])
    expect(await download(fileUrl(name), 'output')).toMatchObject({ state: 'done' })
  socket.destroy()
})
