import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { until } from '../support/until'
import { query, startFilebrowser } from './harness'
import { tusClient } from './tus-client'

const SECRET = 'hf_CANARYoutsideoutside'

/** A workspace beside a folder that nobody may reach, with ways that seem to lead there. */
async function besideSecret() {
  const outside = await startFilebrowser()
  await writeFile(join(outside.workspace, 'secret.txt'), SECRET)
  const inside = await startFilebrowser()
  const { workspace } = inside
  const name = outside.workspace.split('/').at(-1) as string
  for (const path of ['mine/.slipway', '.slipway/trash'])
    await mkdir(join(workspace, path), { recursive: true })
  await writeFile(join(workspace, 'mine/a.txt'), 'a')
  await writeFile(join(workspace, 'mine/.slipway-1.part'), SECRET)
  await writeFile(join(workspace, 'mine/.slipway/state'), SECRET)
  await symlink(outside.workspace, join(workspace, 'out'))
  await symlink(join(outside.workspace, 'secret.txt'), join(workspace, 'out.txt'))
  await symlink(join(workspace, '.slipway'), join(workspace, 'state'))
  await symlink('circle', join(workspace, 'circle'))
  return { ...inside, outside, name }
}

/** Every request that takes a path, with that path at each place of it. */
const requests = (path: string): [method: string, address: string, body?: unknown][] => [
  ['GET', `files?${query({ path })}`],
  ['GET', `file?${query({ path })}`],
  ['GET', `file?${query({ path, inline: '1' })}`],
  ['GET', `preview?${query({ path })}`],
  ['GET', `search?${query({ path, query: 's' })}`],
  ['GET', `archive?${query({ path })}`],
  ['PUT', `file?${query({ path, overwrite: '1' })}`, 'written'],
  ['POST', 'folders', { path }],
  ['POST', 'move', { from: path, to: 'input/taken' }],
  ['POST', 'move', { from: 'mine/a.txt', to: path }],
  ['POST', 'tasks', { kind: 'copy', paths: [path], folder: 'input' }],
  ['POST', 'tasks', { kind: 'move', paths: ['mine/a.txt'], folder: path }],
  ['POST', 'trash', { paths: [path] }],
  ['DELETE', `files?${query({ path })}`],
]

test('no request reads or changes what lies outside or is reserved, whatever its path', async () => {
  const { call, outside, name, answers, origin } = await besideSecret()
  const { create } = tusClient(origin)
  const part = fc.constantFrom(
    ...['..', '.', '', '\0', '%2e%2e', '..;', '..\\', 'out', 'out.txt', 'state', 'circle', 'mine', 'input'],
    ...['a.txt', 'secret.txt', '.slipway', '.SLIPWAY', '.slipway-1.part', name, 'tmp', 'etc', 'passwd'],
  )
  const before = await outside.filesOnDisk()
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), async (parts) => {
      const path = parts.join('/')
      // What is refused as a path is refused by every request, and nothing else happened.
      const isHostile = path !== '' && parts.some((each) => /^(|\.|\.\.)$|\0|^\.slipway/i.test(each))
      for (const [method, address, body] of isHostile ? requests(path) : []) {
        const { status, json } = await call(method, address, body)
        expect([method, address, status, json?.error?.code]).toEqual([method, address, 400, 'bad_path'])
      }
      if (!isHostile) for (const [method, address] of requests(path).slice(0, 6)) await call(method, address)
      const upload = await create({ folder: path, name: 'up', size: 1 })
      expect(upload.status === 201).toBe(!isHostile && upload.error === undefined)
    }),
    { numRuns: 40, seed: 92 },
  )
  expect(await outside.filesOnDisk()).toEqual(before)
  expect(await readFile(join(outside.workspace, 'secret.txt'), 'utf8')).toBe(SECRET)
  expect(answers.join('\n')).not.toContain(SECRET)
})

test('links that lead out, in a circle or to what is reserved open nothing by any request', async () => {
  const { call, outside, answers } = await besideSecret()
  const before = await outside.filesOnDisk()
  for (const path of ['out/secret.txt', 'out/new', 'state/trash', 'circle/x', 'state', 'circle'])
    for (const [method, address, body] of requests(path)) {
      // The link itself may be renamed, copied and deleted.
      if (!path.includes('/') && method !== 'GET') continue
      const { status, json } = await call(method, address, body)
      expect([method, address, status, json?.error?.code]).toEqual([method, address, 400, 'bad_path'])
    }
  expect(await outside.filesOnDisk()).toEqual(before)
  expect(answers.join('\n')).not.toContain(SECRET)
})

test('fault 92: tricks in the address itself lead to no other file', async () => {
  const { origin, outside } = await besideSecret()
  const { host, port } = new URL(origin)
  const send = (path: string) =>
    new Promise<string>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, headers: { host } }, (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve(text))
      })
        .on('error', reject)
        .end()
    })
  const secret = encodeURIComponent(`${outside.workspace}/secret.txt`)
  for (const path of [
    `/api/file?path=${secret}`,
    `/api/file?path=/${secret}`,
    `/api/file?path=..%2f..%2f${secret}`,
    `/api/file?path=%252e%252e%252f${secret}`,
    `/api/file?path=input&path=${secret}`,
    `/api/file?path[]=${secret}`,
    `/api/file/../file?path=${secret}`,
    `//api/file?path=${secret}`,
    `/api/%2e%2e/api/file?path=${secret}`,
    `/api/file;x?path=${secret}`,
    `/api/archive?path=input&path=${secret}`,
    `/api/uploads/..%2f..%2f..%2fetc%2fpasswd`,
  ])
    expect([path, (await send(path)).includes(SECRET)]).toEqual([path, false])
})

test('fault 96: a copy, a move or a zip of a folder takes nothing along that a link in it leads to', async () => {
  const { call, workspace, outside, answers, filesOnDisk } = await besideSecret()
  await symlink(outside.workspace, join(workspace, 'mine/out'))
  const { json } = await call('POST', 'tasks', { kind: 'copy', paths: ['mine'], folder: 'input' })
  await until('it is copied', async () => {
    const tasks = (await call('GET', 'tasks')).json
    return tasks.find((task: { id: string; state: string }) => task.id === json.id)?.state === 'done'
  })
  await call('GET', 'archive?path=mine')
  await call('POST', 'trash', { paths: ['input/mine'] })
  await call('DELETE', 'trash')
  expect(await filesOnDisk()).toContain('mine/out')
  expect(await outside.filesOnDisk()).toEqual(['secret.txt'])
  expect(answers.join('\n')).not.toContain(SECRET)
})
