import { execFileSync } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, readlink, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../support/until'
import { startFilebrowser } from './harness'

async function withZip() {
  const started = await startFilebrowser()
  const scratch = await mkdtemp(join(tmpdir(), 'filebrowser-zip-'))
  onTestFinished(() => rm(scratch, { recursive: true, force: true }))
  const at = (path: string) => join(started.workspace, path)
  await mkdir(at('set/deep'), { recursive: true })
  await mkdir(at('set/empty'))
  await writeFile(at('set/deep/ä 模.txt'), 'a')
  await writeFile(at('set/none'), '')
  await writeFile(at('b.txt'), 'bb')

  /** Checked and read by another program than the one that made it. */
  async function fetchZip(...paths: string[]) {
    const asked = new URLSearchParams(paths.map((path) => ['path', path]))
    const answer = await fetch(`${started.origin}/api/archive?${asked}`)
    const file = join(scratch, 'a.zip')
    await pipeline(Readable.fromWeb(answer.body as never), createWriteStream(file))
    const script = `
import json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print(json.dumps({i.filename: i.file_size for i in z.infolist()}))`
    const found = JSON.parse(execFileSync('python3', ['-c', script, file], { encoding: 'utf8' }))
    return { found, disposition: answer.headers.get('content-disposition') }
  }
  return { ...started, at, fetchZip }
}

test('a folder comes as a zip of all that is in it, called like the folder', async () => {
  const { fetchZip } = await withZip()
  const { found, disposition } = await fetchZip('set')
  expect(found).toEqual({ 'set/': 0, 'set/deep/': 0, 'set/deep/ä 模.txt': 1, 'set/empty/': 0, 'set/none': 0 })
  expect(disposition).toBe('attachment; filename="set.zip"')
})

test('several come together, also more than twenty and of one name', async () => {
  const { fetchZip, at } = await withZip()
  await writeFile(at('input/b.txt'), 'other')
  const many = Array.from({ length: 25 }, (_, index) => `output/${index}`)
  for (const path of many) await writeFile(at(path), path)
  const { found, disposition } = await fetchZip('b.txt', 'input/b.txt', ...many)
  expect(Object.keys(found)).toHaveLength(27)
  expect(found).toMatchObject({ 'b.txt': 2, 'b.txt (2)': 5 })
  expect(disposition).toBe('attachment; filename="workspace.zip"')
})

test('names that mean a way elsewhere on another system are only names', async () => {
  const { fetchZip, at } = await withZip()
  for (const name of ['..\\..\\evil', 'C:evil', '..;']) await writeFile(at(`output/${name}`), 'x')
  expect(Object.keys((await fetchZip('output', 'output/C:evil')).found).sort()).toEqual([
    'C_evil',
    'output/',
    'output/..;',
    'output/.._.._evil',
    'output/C:evil',
  ])
})

test('links that lead out are left out, those to files inside are the files, and nothing of ours is in it', async () => {
  const outside = await withZip()
  const { fetchZip, at, call } = await withZip()
  await symlink(outside.at('b.txt'), at('set/out.txt'))
  await symlink(outside.workspace, at('set/out'))
  await symlink(at('set'), at('set/circle'))
  await symlink(at('b.txt'), at('set/in.txt'))
  await symlink(at('.slipway/trash'), at('set/trash'))
  await writeFile(at('set/.slipway-1.part'), 'half')
  execFileSync('mkfifo', [at('set/pipe')])
  await call('POST', 'trash', { paths: ['output'] })
  const { found } = await fetchZip('')
  expect(Object.keys(found).filter((name) => /^set\/[^/]+$/.test(name))).toEqual(
    expect.arrayContaining(['set/in.txt', 'set/none']),
  )
  expect(Object.keys(found).join('\n')).not.toMatch(/out|circle|trash|slipway|pipe/)
  expect((await call('GET', 'archive?path=set/out')).json.error.code).toBe('bad_path')
  expect((await call('GET', 'archive?path=gone')).json.error.code).toBe('not_found')
  expect((await call('GET', 'archive')).json.error.code).toBe('bad_request')
})

test('a file that shrinks, grows or goes while it is read leaves a zip that can be read', async () => {
  const { origin, at, fetchZip } = await withZip()
  const size = 5e6
  for (const name of ['a', 'b', 'c']) {
    await writeFile(at(`set/${name}.bin`), '')
    await truncate(at(`set/${name}.bin`), size)
  }
  const change = new Promise<void>((resolve, reject) => {
    request(`${origin}/api/archive?path=set`, async (response) => {
      response.once('data', () => {
        response.pause()
        Promise.all([
          truncate(at('set/a.bin'), 5),
          truncate(at('set/b.bin'), 2 * size),
          rm(at('set/c.bin')),
        ]).then(() => {
          response.on('end', resolve).resume()
        }, reject)
      })
      response.on('error', reject)
    }).end()
  })
  await change
  expect((await fetchZip('set')).found).toMatchObject({ 'set/a.bin': 5, 'set/b.bin': 2 * size })
})

test('a client that goes away ends the reading', async () => {
  const { origin, at } = await withZip()
  await writeFile(at('set/big.bin'), '')
  await truncate(at('set/big.bin'), 50e9)
  const left = new AbortController()
  const { body } = await fetch(`${origin}/api/archive?path=set`, { signal: left.signal })
  await body?.getReader().read()
  const isOpen = async () => {
    const names = await readdir('/proc/self/fd')
    const files = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')))
    return files.includes(at('set/big.bin'))
  }
  expect(await isOpen()).toBe(true)
  left.abort()
  await until('the file is closed', async () => !(await isOpen()))
})
