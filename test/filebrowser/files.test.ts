import { cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import type { EntryView } from '~/filebrowser/contract'
import { until } from '../support/until'
import { query, startFilebrowser } from './harness'

const ODD_NAMES = [
  'a #?%&+;=.txt',
  '%2e%2e',
  '.hidden',
  'ünïcödé 模型.safetensors',
  'quote\'"`.json',
  'back\\slash',
  '-rf',
]

test('a new workspace has the folders that ComfyUI looks for, folders before files', async () => {
  const { call } = await startFilebrowser()
  await call('PUT', `file?${query({ path: 'a.txt' })}`, 'x')
  const { json } = await call('GET', 'files?path=')
  expect(json.entries.map(({ name }: EntryView) => name)).toEqual(['input', 'models', 'output', 'a.txt'])
  const models = await call('GET', 'files?path=models')
  expect(models.json.entries.map(({ name }: EntryView) => name)).toEqual(
    expect.arrayContaining([
      'checkpoints',
      'clip_vision',
      'controlnet',
      'diffusion_models',
      'embeddings',
      'loras',
    ]),
  )
})

test('what is uploaded comes back byte for byte, whatever its name', async () => {
  const { call, filesOnDisk } = await startFilebrowser()
  for (const name of ODD_NAMES) {
    const path = query({ path: `input/${name}` })
    expect((await call('PUT', `file?${path}`, `content of ${name}`)).status).toBe(204)
    expect((await call('GET', `file?${path}`)).text).toBe(`content of ${name}`)
  }
  expect(await filesOnDisk()).toEqual(ODD_NAMES.map((name) => `input/${name}`).sort())
})

test('a part of a file can be asked for, so that a broken download goes on', async () => {
  const { call, origin } = await startFilebrowser()
  await call('PUT', 'file?path=a.bin', '0123456789')
  const answer = await fetch(`${origin}/api/file?path=a.bin`, { headers: { range: 'bytes=3-5' } })
  expect([answer.status, await answer.text()]).toEqual([206, '345'])
})

test('an uploaded page can never run as a page of the filebrowser', async () => {
  const { call } = await startFilebrowser()
  await call('PUT', 'file?path=evil.html', '<script>alert(1)</script>')
  const { headers } = await call('GET', 'file?path=evil.html')
  expect(headers.get('content-type')).toBe('application/octet-stream')
  expect(headers.get('content-disposition')).toContain('attachment')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'")
})

test('an upload replaces a file only when told to', async () => {
  const { call } = await startFilebrowser()
  await call('PUT', 'file?path=a.txt', 'first')
  const refused = await call('PUT', 'file?path=a.txt', 'second')
  expect([refused.status, refused.json.error.code]).toEqual([409, 'already_exists'])
  expect((await call('GET', 'file?path=a.txt')).text).toBe('first')
  expect((await call('PUT', 'file?path=a.txt&overwrite=1', 'second')).status).toBe(204)
  expect((await call('GET', 'file?path=a.txt')).text).toBe('second')
})

test('an upload never replaces a folder', async () => {
  const { call } = await startFilebrowser()
  expect((await call('PUT', 'file?path=models&overwrite=1', 'x')).status).toBe(409)
  expect((await call('GET', 'files?path=models/loras')).status).toBe(200)
})

test('an upload that breaks off leaves nothing behind', async () => {
  const { origin, server, call, filesOnDisk } = await startFilebrowser()
  const { host, port } = new URL(origin)
  const ended = new Promise<void>((resolve) => {
    server.once('request', (request) => request.once('close', resolve))
  })
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(
    `PUT /api/file?path=big.bin HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nContent-Length: 1000000\r\n\r\nsome`,
    () => socket.destroy(),
  )
  await ended
  await expect.poll(filesOnDisk).toEqual([])
  // The name is free again, so nothing holds on to it.
  await expect.poll(async () => (await call('PUT', 'file?path=big.bin', 'whole')).status).toBe(204)
})

test('an upload larger than the free space is refused before its first byte', async () => {
  const { call, filesOnDisk } = await startFilebrowser({ freeBytes: async () => 3 })
  const { status, json } = await call('PUT', 'file?path=a.txt', 'four')
  expect([status, json.error.code]).toEqual([507, 'disk_full'])
  expect(await filesOnDisk()).toEqual([])
})

test('of two uploads at once that fit only one by one, the second is refused', async () => {
  const free = async () => 1_500_000
  const { origin, server, call, filesOnDisk } = await startFilebrowser({ freeBytes: free })
  const { host, port } = new URL(origin)
  const socket = connect(Number(port), '127.0.0.1')
  const ended = new Promise<void>((resolve) => {
    server.once('request', (request) => request.once('close', resolve))
  })
  socket.write(
    `PUT /api/file?path=a.bin HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nContent-Length: 1000000\r\n\r\nsome`,
  )
  await expect.poll(filesOnDisk).toHaveLength(1)
  expect((await call('PUT', 'file?path=b.bin', 'b'.repeat(1_000_000))).status).toBe(507)
  socket.destroy()
  await ended
  await expect
    .poll(async () => (await call('PUT', 'file?path=b.bin', 'b'.repeat(1_000_000))).status)
    .toBe(204)
})

test('a file is renamed and moved, and never onto another', async () => {
  const { call, filesOnDisk } = await startFilebrowser()
  await call('PUT', 'file?path=a.txt', 'a')
  await call('PUT', 'file?path=b.txt', 'b')
  expect((await call('POST', 'move', { from: 'a.txt', to: 'b.txt' })).json.error.code).toBe('already_exists')
  expect((await call('POST', 'move', { from: 'a.txt', to: 'input/c.txt' })).status).toBe(204)
  expect(await filesOnDisk()).toEqual(['b.txt', 'input/c.txt'])
  expect((await call('POST', 'move', { from: 'gone.txt', to: 'd.txt' })).status).toBe(404)
  expect((await call('POST', 'move', { from: 'models', to: 'models/inside' })).status).toBe(400)
})

test('folders are made and deleted with all that is in them; the workspace itself stays', async () => {
  const { call, filesOnDisk } = await startFilebrowser()
  expect((await call('POST', 'folders', { path: 'mine' })).status).toBe(204)
  expect((await call('POST', 'folders', { path: 'mine' })).json.error.code).toBe('already_exists')
  await call('PUT', 'file?path=mine/a.txt', 'a')
  expect((await call('DELETE', 'files?path=mine')).status).toBe(204)
  expect((await call('DELETE', 'files?path=mine')).status).toBe(404)
  expect((await call('DELETE', 'files?path=')).status).toBe(400)
  expect(await filesOnDisk()).toEqual([])
})

test('links that lead out are shown, can be deleted, and open nothing', async () => {
  const outside = await startFilebrowser()
  await writeFile(join(outside.workspace, 'secret.txt'), 'secret')
  const { call, workspace } = await startFilebrowser()
  await symlink(outside.workspace, join(workspace, 'folder-out'))
  await symlink(join(outside.workspace, 'secret.txt'), join(workspace, 'file-out'))
  await symlink(join(workspace, 'models'), join(workspace, 'folder-in'))

  const { json } = await call('GET', 'files?path=')
  const kinds = Object.fromEntries(json.entries.map(({ name, kind }: EntryView) => [name, kind]))
  expect(kinds).toMatchObject({ 'folder-out': 'link', 'file-out': 'link', 'folder-in': 'folder' })
  for (const [method, path, body] of [
    ['GET', 'files?path=folder-out'],
    ['GET', 'file?path=file-out'],
    ['GET', 'file?path=folder-out/secret.txt'],
    ['PUT', 'file?path=folder-out/new.txt', 'x'],
    ['DELETE', 'files?path=folder-out/secret.txt'],
    ['POST', 'folders', { path: 'folder-out/new' }],
    ['POST', 'move', { from: 'folder-out/secret.txt', to: 'mine.txt' }],
    ['POST', 'move', { from: 'folder-in', to: 'folder-out/models' }],
  ] as const) {
    const answer = await call(method, path, body)
    expect([path, answer.status, answer.json.error.code]).toEqual([path, 400, 'bad_path'])
  }
  expect((await call('DELETE', 'files?path=folder-out')).status).toBe(204)
  expect(await outside.filesOnDisk()).toEqual(['secret.txt'])
})

test('an upload over a link replaces the link, not what it leads to', async () => {
  const outside = await startFilebrowser()
  await writeFile(join(outside.workspace, 'precious.txt'), 'precious')
  const { call, workspace } = await startFilebrowser()
  await symlink(join(outside.workspace, 'precious.txt'), join(workspace, 'a.txt'))
  expect((await call('PUT', 'file?path=a.txt&overwrite=1', 'new')).status).toBe(204)
  expect((await lstat(join(workspace, 'a.txt'))).isFile()).toBe(true)
  expect(await readFile(join(outside.workspace, 'precious.txt'), 'utf8')).toBe('precious')
})

test('no path reaches outside the workspace', async () => {
  const { call, workspace } = await startFilebrowser()
  await mkdir(join(workspace, 'deep/er'), { recursive: true })
  const hostile = fc.constantFrom(
    '..',
    '.',
    '',
    '\0',
    '...',
    'models',
    'deep',
    'er',
    '..\0',
    '%2e%2e',
    'etc',
    'passwd',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 6 }), async (parts) => {
      const path = parts.join('/')
      const isPlain =
        path === '' || parts.every((part) => part !== '' && !/^\.{1,2}$/.test(part) && !part.includes('\0'))
      const { status } = await call('GET', `files?${query({ path })}`)
      expect(isPlain ? [200, 404] : [400]).toContain(status)
    }),
    { numRuns: 150 },
  )
})

test('what a kill left of a file that was being sent is removed by the next start', async () => {
  const { origin, workspace } = await startFilebrowser()
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  const head = `PUT /api/file?path=output/a.bin HTTP/1.1\r\nHost: ${hostname}:${port}\r\nOrigin: ${origin}`
  socket.write(`${head}\r\nContent-Length: 10\r\n\r\nhalf`)
  const parts = async (at: string) => (await readdir(join(at, 'output'))).length
  await until('half of it is there', async () => (await parts(workspace)) === 1)
  const killed = await mkdtemp(join(tmpdir(), 'filebrowser-killed-'))
  onTestFinished(() => rm(killed, { recursive: true }))
  await cp(workspace, killed, { recursive: true })
  socket.destroy()
  expect(await parts(killed)).toBe(1)
  await startFilebrowser({ workspace: killed })
  expect(await parts(killed)).toBe(0)
  await until('who goes away leaves nothing either', async () => (await parts(workspace)) === 0)
})
