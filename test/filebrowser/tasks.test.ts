import { execFileSync } from 'node:child_process'
import {
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TaskView } from '~/filebrowser/contract'
import { until } from '../support/until'
import { startFilebrowser } from './harness'

async function withTasks(options: Parameters<typeof startFilebrowser>[0] = {}) {
  const started = await startFilebrowser(options)
  const { call, workspace } = started
  await mkdir(join(workspace, 'set/deep'), { recursive: true })
  await writeFile(join(workspace, 'set/deep/a.txt'), 'aaa', { mode: 0o640 })
  await utimes(join(workspace, 'set/deep/a.txt'), 1e9, 1e9)
  await writeFile(join(workspace, 'b.txt'), 'bb')
  const list = async (): Promise<TaskView[]> => (await call('GET', 'tasks')).json
  const ended = (id: string) =>
    until('the task ends', async () =>
      (await list()).find((task) => task.id === id && task.state !== 'running'),
    )
  async function run(kind: string, paths: string[], folder: string) {
    const { status, json } = await call('POST', 'tasks', { kind, paths, folder })
    return status === 202 ? ended(json.id) : json.error
  }
  return { ...started, list, ended, run }
}

test('copies are whole, keep times and rights, and stand beside what has their name', async () => {
  const { run, workspace, filesOnDisk } = await withTasks()
  expect(await run('copy', ['set', 'b.txt'], 'input')).toMatchObject({
    state: 'done',
    finished: 2,
    copied: 5,
    size: 5,
    error: null,
  })
  await run('copy', ['b.txt'], '')
  await run('copy', ['b.txt'], '')
  await run('copy', ['set'], '')
  expect(await filesOnDisk()).toEqual([
    'b (copy 2).txt',
    'b (copy).txt',
    'b.txt',
    'input/b.txt',
    'input/set/deep/a.txt',
    'set (copy)/deep/a.txt',
    'set/deep/a.txt',
  ])
  const { mtimeMs, mode } = await stat(join(workspace, 'input/set/deep/a.txt'))
  expect([mtimeMs, mode & 0o777]).toEqual([1e12, 0o640])
})

test('what is moved is in the new place only, and nothing is moved onto what is there', async () => {
  const { run, filesOnDisk } = await withTasks()
  expect(await run('move', ['set', 'b.txt'], 'output')).toMatchObject({ state: 'done', copied: 5, size: 5 })
  expect(await filesOnDisk()).toEqual(['output/b.txt', 'output/set/deep/a.txt'])
  expect(await run('move', ['output/b.txt'], 'output')).toMatchObject({ code: 'already_exists' })
  expect(await run('move', ['gone'], 'output')).toMatchObject({ code: 'not_found' })
  expect(await run('move', ['output/b.txt'], 'gone')).toMatchObject({ code: 'not_found' })
  expect(await run('move', ['output/b.txt'], 'output/b.txt')).toMatchObject({ code: 'bad_path' })
})

test('a folder goes neither into itself nor into what is in it', async () => {
  const { run, filesOnDisk } = await withTasks()
  const before = await filesOnDisk()
  for (const kind of ['copy', 'move'])
    for (const folder of ['set', 'set/deep'])
      expect(await run(kind, ['set'], folder)).toMatchObject({ code: 'bad_path' })
  expect(await filesOnDisk()).toEqual(before)
})

test('links are copied as links and nothing is read through them', async () => {
  const outside = await withTasks()
  const { run, workspace } = await withTasks()
  await symlink(outside.workspace, join(workspace, 'set/out'))
  await symlink('deep/a.txt', join(workspace, 'set/in'))
  expect(await run('copy', ['set'], 'input')).toMatchObject({ state: 'done', size: 3 })
  expect(await readlink(join(workspace, 'input/set/out'))).toBe(outside.workspace)
  expect((await lstat(join(workspace, 'input/set/in'))).isSymbolicLink()).toBe(true)
})

test('a copy larger than the free space, or of what can hang, is refused and leaves nothing', async () => {
  const { run, filesOnDisk, workspace } = await withTasks({ freeBytes: async () => 4 })
  expect(await run('copy', ['set', 'b.txt'], 'input')).toMatchObject({
    state: 'failed',
    error: { code: 'disk_full' },
  })
  execFileSync('mkfifo', [join(workspace, 'set/pipe')])
  expect(await run('copy', ['set'], 'input')).toMatchObject({
    state: 'failed',
    error: { code: 'not_a_file' },
  })
  expect((await filesOnDisk()).filter((path) => path.startsWith('input'))).toEqual([])
})

test('a task that fails part way tells how many of its entries are done', async () => {
  const { run, workspace, filesOnDisk } = await withTasks()
  await mkdir(join(workspace, 'pipes'))
  execFileSync('mkfifo', [join(workspace, 'pipes/pipe')])
  await truncate(join(workspace, 'b.txt'), 0)
  expect(await run('copy', ['b.txt', 'pipes', 'set'], 'input')).toMatchObject({
    state: 'failed',
    finished: 1,
  })
  expect((await filesOnDisk()).filter((path) => path.startsWith('input'))).toEqual(['input/b.txt'])
})

test('a copy that is canceled leaves nothing behind and tells how far it came', async () => {
  const { call, workspace, ended, filesOnDisk, origin } = await withTasks()
  await writeFile(join(workspace, 'big.bin'), '')
  await truncate(join(workspace, 'big.bin'), 8e9)
  const { json } = await call('POST', 'tasks', { kind: 'copy', paths: ['big.bin'], folder: 'output' })
  const { body } = await fetch(`${origin}/api/tasks/events`)
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true })
    if (/"copied":[1-9]/.test(text)) break
  }
  expect((await call('GET', 'files?path=output')).json).toMatchObject({ entries: [], total: 0 })
  expect((await call('POST', 'move', { from: 'output', to: 'gone' })).json.error.code).toBe('busy')
  expect((await call('DELETE', `tasks/${json.id}`)).status).toBe(204)
  const { state, copied, size } = await ended(json.id)
  expect([state, size]).toEqual(['canceled', 8e9])
  expect(copied).toBeGreaterThan(0)
  expect(await filesOnDisk()).toEqual(['b.txt', 'big.bin', 'set/deep/a.txt'])
  expect((await call('DELETE', `tasks/${json.id}`)).status).toBe(204)
  expect((await call('DELETE', `tasks/${json.id}`)).status).toBe(404)
})

test('what ended half way says how many entries are whole in the new place', async () => {
  const { run, workspace, filesOnDisk } = await withTasks()
  execFileSync('mkfifo', [join(workspace, 'pipe')])
  const ended = await run('copy', ['b.txt', 'set', 'pipe', 'output'], 'input')
  expect(ended).toMatchObject({ state: 'failed', finished: 2 })
  expect(await filesOnDisk()).toEqual([
    'b.txt',
    'input/b.txt',
    'input/set/deep/a.txt',
    'pipe',
    'set/deep/a.txt',
  ])
  expect(await run('move', ['b.txt', 'set'], 'output')).toMatchObject({ state: 'done', finished: 2 })
})

test('of 20 copies that run the next one is refused until one has ended', async () => {
  let answer = (_bytes: number) => {}
  const free = new Promise<number>((resolve) => {
    answer = resolve
  })
  const { call, run, ended } = await withTasks({ freeBytes: () => free })
  const copy = { kind: 'copy', paths: ['b.txt'], folder: 'output' }
  const begun = await Promise.all(Array.from({ length: 21 }, () => call('POST', 'tasks', copy)))
  const refused = begun.filter(({ status }) => status !== 202)
  expect(refused.map(({ json }) => json.error.message)).toEqual([expect.stringMatching(/^20 copies/)])
  answer(1e9)
  for (const { status, json } of begun) if (status === 202) await ended(json.id)
  expect(await run('copy', ['b.txt'], 'output')).toMatchObject({ state: 'done' })
})

test('what a kill left of a copy is removed by the next start', async () => {
  const { workspace, close } = await withTasks()
  await close()
  const name = '.slipway-0b0d0c6e-0000-4000-8000-000000000000.part'
  await mkdir(join(workspace, '.slipway/parts'), { recursive: true })
  await writeFile(join(workspace, '.slipway/parts', name), 'input')
  await mkdir(join(workspace, 'input', name))
  await writeFile(join(workspace, 'input', name, 'half'), 'x')
  await startFilebrowser({ workspace })
  expect(await readdir(join(workspace, 'input'))).toEqual([])
  expect(await readdir(join(workspace, '.slipway/parts'))).toEqual([])
})

test('a half-written file of somebody is neither copied nor lost with its folder', async () => {
  const { run, workspace } = await withTasks()
  await writeFile(join(workspace, 'set/.slipway-1.part'), 'half')
  await run('copy', ['set'], 'input')
  expect(await readdir(join(workspace, 'input/set'))).toEqual(['deep'])
  await run('move', ['set'], 'output')
  expect(await readFile(join(workspace, 'output/set/.slipway-1.part'), 'utf8')).toBe('half')
  await rm(join(workspace, 'output/set/.slipway-1.part'))
})
