import { readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../support/until'
import { startFilebrowser } from './harness'
import { tusClient } from './tus-client'

const HOUR_MS = 3600_000

test('an upload in pieces arrives whole, and only then under its name', async () => {
  const { origin, filesOnDisk, workspace } = await startFilebrowser()
  const { create, send, offset } = tusClient(origin)
  const { location } = await create({ folder: 'input', name: 'a.bin', size: 10 })
  expect(await send(location, 0, '01234')).toMatchObject({ status: 204, offset: 5 })
  expect(await filesOnDisk()).toEqual([])
  expect(await offset(location)).toBe(5)
  expect(await send(location, 5, '56789')).toMatchObject({ status: 204, offset: 10 })
  expect(await readFile(join(workspace, 'input/a.bin'), 'utf8')).toBe('0123456789')
  expect(await filesOnDisk()).toEqual(['input/a.bin'])
})

test('where an upload is continued names no host, since clients see another one', async () => {
  const { origin } = await startFilebrowser()
  const { location } = await tusClient(origin).create({ folder: '', name: 'a', size: 1 })
  expect(location).toMatch(/^\/api\/uploads\/[\w-]+$/)
})

test('an upload goes on from what is on the disk after a restart', async () => {
  const first = await startFilebrowser()
  const { location } = await tusClient(first.origin).create({ folder: 'input', name: 'a.bin', size: 10 })
  await tusClient(first.origin).send(location, 0, '0123456')
  await first.close()

  const second = await startFilebrowser({ workspace: first.workspace })
  const { offset, send } = tusClient(second.origin)
  expect(await offset(location)).toBe(7)
  await send(location, 7, '789')
  expect(await readFile(join(first.workspace, 'input/a.bin'), 'utf8')).toBe('0123456789')
})

test('a connection that breaks off loses nothing that had arrived', async () => {
  const { origin, workspace } = await startFilebrowser()
  const { create, offset, send } = tusClient(origin)
  const { location } = await create({ folder: 'input', name: 'a.bin', size: 100 })
  const { port, host } = new URL(origin)
  const socket = connect(Number(port), '127.0.0.1')
  const head = ['Tus-Resumable: 1.0.0', 'Upload-Offset: 0', 'Content-Type: application/offset+octet-stream']
  socket.write(
    `PATCH ${location} HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\n${head.join('\r\n')}\r\nContent-Length: 100\r\n\r\n${'x'.repeat(40)}`,
  )
  const id = location.split('/').at(-1) as string
  await until('the bytes are on the disk', async () => {
    const bytes = await readFile(join(workspace, '.slipway/uploads', id)).catch(() => '')
    return bytes.length === 40
  })
  socket.destroy()
  await until('the server has noticed', async () => (await offset(location)) === 40)
  await send(location, 40, 'y'.repeat(60))
  expect(await readFile(join(workspace, 'input/a.bin'), 'utf8')).toBe('x'.repeat(40) + 'y'.repeat(60))
})

test('an upload that was complete when the program was killed is finished by whoever asks', async () => {
  const first = await startFilebrowser()
  const { location } = await tusClient(first.origin).create({ folder: 'input', name: 'a.bin', size: 4 })
  await first.close()
  const id = location.split('/').at(-1) as string
  await writeFile(join(first.workspace, '.slipway/uploads', id), 'abcd')

  const second = await startFilebrowser({ workspace: first.workspace })
  expect(await tusClient(second.origin).offset(location)).toBe(4)
  expect(await readFile(join(first.workspace, 'input/a.bin'), 'utf8')).toBe('abcd')
})

test('a client that missed the last answer learns that all has arrived', async () => {
  const { origin, filesOnDisk } = await startFilebrowser()
  const { create, send, offset } = tusClient(origin)
  const { location } = await create({ folder: 'input', name: 'a.bin', size: 2 })
  await send(location, 0, 'ab')
  expect(await offset(location)).toBe(2)
  expect(await filesOnDisk()).toEqual(['input/a.bin'])
})

test('what arrived is not said to be there once it has gone', async () => {
  const { origin, workspace } = await startFilebrowser()
  const { create, send, offset } = tusClient(origin)
  const { location } = await create({ folder: 'input', name: 'a.bin', size: 2 })
  await writeFile(join(workspace, 'input/a.bin'), 'theirs')
  await send(location, 0, 'ab')
  expect(await offset(location)).toBe(2)
  await rm(join(workspace, 'input/a (uploaded).bin'))
  expect(await offset(location)).toBeUndefined()
})

test('an upload that can’t be finished keeps no other from it, and is forgotten after a day', async () => {
  let ahead = 0
  const options = { now: () => Date.now() + ahead }
  const first = await startFilebrowser(options)
  const { workspace } = first
  const { create } = tusClient(first.origin)
  const ids: string[] = []
  for (const name of ['a', 'b', 'c']) {
    const { location } = await create({ folder: 'input', name, size: 2 })
    ids.push(location.split('/').at(-1) as string)
  }
  await first.close()
  const uploads = join(workspace, '.slipway/uploads')
  for (const id of ids) await writeFile(join(uploads, id), 'xx')
  // The folder of two of them has become a file.
  for (const id of ids.slice(0, 2)) {
    const record = JSON.parse(await readFile(join(uploads, `${id}.json`), 'utf8'))
    await writeFile(join(uploads, `${id}.json`), JSON.stringify({ ...record, path: 'blocked/a' }))
  }
  await writeFile(join(workspace, 'blocked'), '')

  const second = await startFilebrowser({ ...options, workspace })
  await until('all have been tried', async () => second.log.length === 2)
  await until('the third is there', async () => (await second.filesOnDisk()).includes('input/c'))
  await second.close()
  ahead = 25 * HOUR_MS
  await startFilebrowser({ ...options, workspace })
  await until('nothing is kept', async () => (await readdir(uploads)).length === 0)
})

test('an upload overwrites only when told to, and keeps both when the name was taken meanwhile', async () => {
  const { origin, workspace, call, filesOnDisk } = await startFilebrowser()
  const { create, send } = tusClient(origin)
  await call('PUT', 'file?path=a.txt', 'old')
  expect(await create({ folder: '', name: 'a.txt', size: 3 })).toMatchObject({
    status: 409,
    error: { code: 'already_exists' },
  })
  const over = await create({ folder: '', name: 'a.txt', size: 3, overwrite: '1' })
  await send(over.location, 0, 'new')
  expect(await readFile(join(workspace, 'a.txt'), 'utf8')).toBe('new')

  const late = await create({ folder: '', name: 'b.txt', size: 3 })
  await writeFile(join(workspace, 'b.txt'), 'theirs')
  await send(late.location, 0, 'own')
  expect(await readFile(join(workspace, 'b.txt'), 'utf8')).toBe('theirs')
  expect(await readFile(join(workspace, 'b (uploaded).txt'), 'utf8')).toBe('own')
  const folder = await create({ folder: '', name: 'models', size: 1, overwrite: '1' })
  expect(folder.status).toBe(409)
  expect(await filesOnDisk()).toEqual(['a.txt', 'b (uploaded).txt', 'b.txt'])
})

test('one name takes one upload, and its folder stays where it is until nothing comes any more', async () => {
  let ahead = 0
  const { origin, call } = await startFilebrowser({ now: () => Date.now() + ahead })
  const { create, offset, terminate } = tusClient(origin)
  const first = await create({ folder: 'input', name: 'a.bin', size: 5 })
  const twice = await create({ folder: 'input', name: 'a.bin', size: 5 })
  expect(twice).toMatchObject({ status: 409, error: { code: 'busy' } })
  expect((await call('POST', 'trash', { paths: ['input'] })).json.error.code).toBe('busy')
  expect((await call('POST', 'move', { from: 'input', to: 'elsewhere' })).json.error.code).toBe('busy')

  ahead = HOUR_MS
  const second = await create({ folder: 'input', name: 'a.bin', size: 5 })
  expect(second.status).toBe(201)
  expect(await offset(first.location)).toBeUndefined()
  expect(await terminate(second.location)).toBe(204)
  expect((await call('POST', 'move', { from: 'input', to: 'elsewhere' })).status).toBe(204)
})

test('what is larger than the free space, less what others are to bring, is refused before a byte', async () => {
  const { origin } = await startFilebrowser({ freeBytes: async () => 10 })
  const { create } = tusClient(origin)
  expect((await create({ folder: '', name: 'a', size: 11 })).error?.code).toBe('disk_full')
  expect((await create({ folder: '', name: 'b', size: 6 })).status).toBe(201)
  expect(await create({ folder: '', name: 'c', size: 6 })).toMatchObject({
    status: 507,
    error: { code: 'disk_full' },
  })
})

test('a dropped folder comes with its folders; names and paths that lead elsewhere are refused', async () => {
  const { origin, workspace, filesOnDisk } = await startFilebrowser()
  const outside = await startFilebrowser()
  await symlink(outside.workspace, join(workspace, 'out'))
  const { create, send } = tusClient(origin)
  const good = await create({ folder: 'input', relativePath: 'set/deep/模型.png', name: 'x', size: 1 })
  await send(good.location, 0, 'x')
  expect(await filesOnDisk()).toContain('input/set/deep/模型.png')
  const bad: Record<string, string>[] = [
    { folder: 'input', name: '../x' },
    { folder: '..', name: 'x' },
    { folder: '/etc', name: 'x' },
    { folder: 'out', name: 'x' },
    { folder: 'input', relativePath: '../../x' },
    { folder: 'input', relativePath: 'a//b' },
    { folder: '.slipway', name: 'x' },
    { folder: 'input', name: '.slipway-1.part' },
    { folder: 'input', name: 'new\nline' },
    { folder: 'input', name: 'n\0l' },
    { folder: 'input', name: 'ü'.repeat(128) },
  ]
  for (const metadata of bad) {
    const { status, error } = await create({ ...metadata, size: 1 })
    expect([metadata, status, error?.code]).toEqual([metadata, 400, 'bad_path'])
  }
  expect((await create({ folder: 'input', size: 1 })).error?.code).toBe('bad_request')
  expect(await readdir(outside.workspace)).toHaveLength(3)
})

test('nothing is kept of an upload for longer than a day after its last byte', async () => {
  let ahead = 0
  const options = { now: () => Date.now() + ahead }
  const { origin, workspace, close } = await startFilebrowser(options)
  const { create, send } = tusClient(origin)
  const { location } = await create({ folder: '', name: 'a', size: 5 })
  await send(location, 0, 'abc')
  await close()
  ahead = 25 * HOUR_MS
  await startFilebrowser({ ...options, workspace })
  await until('it is gone', async () => (await readdir(join(workspace, '.slipway/uploads'))).length === 0)
})

test('another page can neither begin nor continue nor end an upload', async () => {
  const { origin, filesOnDisk } = await startFilebrowser()
  const own = await tusClient(origin).create({ folder: '', name: 'a', size: 2 })
  const foreign = tusClient(origin, 'https://evil.example')
  expect((await foreign.create({ folder: '', name: 'b', size: 1 })).status).toBe(403)
  expect((await foreign.send(own.location, 0, 'xx')).status).toBe(403)
  expect(await foreign.terminate(own.location)).toBe(403)
  const { headers } = await fetch(origin + own.location, { method: 'OPTIONS' })
  expect(headers.get('access-control-allow-origin')).toBeNull()
  expect(await tusClient(origin).offset(own.location)).toBe(0)
  expect(await filesOnDisk()).toEqual([])
})
