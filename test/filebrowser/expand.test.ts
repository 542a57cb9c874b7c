import { beforeAll, expect, test } from 'vitest'
import { type FakeHub, startFakeHub } from '../fakes/hub'
import { startFilebrowser } from './harness'

let hub: FakeHub
beforeAll(async () => {
  const many = Array.from({ length: 5001 }, (_, n) => [`${n}.md`, { content: 'x', plain: true }])
  hub = await startFakeHub({
    repos: {
      'o/n': { files: { 'a.safetensors': 'a', 'b.safetensors': 'b' } },
      'o/empty': { files: {} },
      'o/many': { files: Object.fromEntries(many) },
    },
  })
  return () => hub.close()
})

async function start() {
  const env = { HF_ENDPOINT: hub.url, DOWNLOAD_HOSTS: hub.storage.host }
  const { call } = await startFilebrowser({ env })
  async function post(source: string) {
    const { status, json } = await call('POST', 'downloads', { source })
    const names = json.downloads?.map(({ name }: { name: string }) => name).sort()
    return { status, json, names }
  }
  return { call, post }
}

test('of several addresses each is in the queue or among the refused, as it was pasted', async () => {
  const { post } = await start()
  const { status, names, json } = await post('o/n\no/none\no/empty\nhttps://evil.example/x.bin')
  expect([status, names]).toEqual([202, ['a.safetensors', 'b.safetensors']])
  expect(json.refused).toMatchObject([
    { source: 'o/none', error: { code: 'not_found_or_private' } },
    { source: 'o/empty', error: { code: 'revision_or_file_missing' } },
    { source: 'https://evil.example/x.bin', error: { code: 'host_not_allowed' } },
  ])
})

test('an empty repository says that there is nothing there', async () => {
  const { post } = await start()
  const { status, json } = await post('o/empty')
  expect([status, json.error.message]).toEqual([404, expect.stringMatching(/nothing there/)])
})

test('what a command names and isn’t there is refused by its name, and the plan shows it', async () => {
  const { post, call } = await start()
  const command = 'hf download o/n a.safetensors none.bin "*.gguf"'
  const { names, json } = await post(command)
  expect(names).toEqual(['a.safetensors'])
  const error = (name: string) => ({
    code: 'revision_or_file_missing',
    message: expect.stringContaining(`“${name}”`),
  })
  expect(json.refused).toMatchObject(
    ['none.bin', '*.gguf'].map((name) => ({ source: command, error: error(name) })),
  )
  const plan = await call('POST', 'preflight', { source: command })
  expect(plan.json.error).toBeNull()
  expect(plan.json.files.slice(2)).toMatchObject(
    ['none.bin', '*.gguf'].map((name) => ({ name, source: null, chosen: false, error: error(name) })),
  )
})

test('more files than are looked at are said to be left out', async () => {
  const { post } = await start()
  const { names, json } = await post('hf download o/many --include "1.md" "o/n"')
  expect(names).toEqual(['1.md'])
  expect(json.refused.at(-1).error).toMatchObject({
    code: 'bad_request',
    message: expect.stringMatching(/more than 5,000 files.*Name a folder/),
  })
})
