import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'
import { workerMetrics } from '~/telemetry/worker-metrics'
import { bringModelFiles } from '~/worker/requests/model-files'
import type { RequestError } from '~/worker/requests/request-error'
import type { ModelSource } from '~/workflows/definition'
import { type FakeHub, startFakeHub } from '../fakes/hub'
import { listen } from '../fakes/listen'
import { startFilebrowser } from '../filebrowser/harness'
import { recordingLogger } from '../support/logger'
import { until } from '../support/until'

const TOKEN = 'hf_CANARYmodelfiles'
const MODEL = randomBytes(40_000)
const endless = () =>
  Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(65_536, 'x')
    })(),
  )
const never = () => new AbortController().signal

let hub: FakeHub
beforeAll(async () => {
  const files = { 'a.safetensors': MODEL, 'b.safetensors': MODEL }
  hub = await startFakeHub({
    tokens: [TOKEN],
    repos: { 'open/model': { files }, 'gated/model': { files, gated: true } },
  })
  return hub.close
})
afterEach(() => hub.misbehave(undefined))

const start = () =>
  startFilebrowser({
    env: { HF_TOKEN: TOKEN, HF_ENDPOINT: hub.url, DOWNLOAD_HOSTS: hub.hosts.join(',') },
  })

const lora = (name: string) => ({ name, nodeClass: 'LoraLoader', field: 'lora_name' })
const from = (name: string, file = 'a', repo = 'open/model'): ModelSource => ({
  name,
  folder: 'models/loras',
  source: `${hub.url}/${repo}/resolve/main/${file}.safetensors`,
})

/** Brings the files to a machine; what it reports is kept. */
function bringing(
  filebrowser: string | undefined,
  sources: ModelSource[],
  names = sources.map((s) => s.name),
) {
  const { logger, lines } = recordingLogger()
  const reports: { progress: number | null; text: string }[] = []
  const bring = (signal = never()) =>
    bringModelFiles(
      { logger, metrics: workerMetrics('.'), lookEveryMs: 5 },
      { filebrowser, files: names.map(lora), sources },
      (progress, text) => reports.push({ progress, text }),
      signal,
    )
  const failure = () =>
    bring().then(
      () => {
        throw new Error('It was brought.')
      },
      (error: RequestError) => error,
    )
  return { bring, failure, reports, lines }
}

test('files with a source are downloaded to where the node looks for them, folders of their names included', async () => {
  const machine = await start()
  const sources = [from('a.safetensors'), from('styles\\old/b.safetensors', 'b')]
  const { bring, lines } = bringing(machine.origin, sources, ['a.safetensors', 'styles/old/b.safetensors'])
  await bring()
  expect(await machine.filesOnDisk()).toEqual([
    'models/loras/a.safetensors',
    'models/loras/styles/old/b.safetensors',
  ])
  expect(MODEL.equals(await readFile(join(machine.workspace, 'models/loras/a.safetensors')))).toBe(true)
  expect(lines.join('')).not.toContain('CANARY')
})

test('how far a download is shows in bytes, and a worker that takes over goes on with it instead of beginning another', async () => {
  const machine = await start()
  hub.misbehave('stall')
  const { bring, reports } = bringing(machine.origin, [from('a.safetensors'), from('b.safetensors', 'b')])
  const crash = new AbortController()
  const first = bring(crash.signal)
  const half = { progress: 0.5, text: 'Downloading a.safetensors and 1 more, 40.0 kB of 80.0 kB' }
  await until('both are half there', () => reports.some((report) => report.text === half.text))
  expect(reports.at(-1)).toEqual(half)
  crash.abort(new Error('crashed'))
  await expect(first).rejects.toThrow('crashed')
  hub.misbehave(undefined)
  hub.storage.release()
  await bring()
  expect((await machine.call('GET', 'downloads')).json).toHaveLength(2)
  expect(await machine.filesOnDisk()).toEqual(['models/loras/a.safetensors', 'models/loras/b.safetensors'])
})

test('a file that somebody downloads there already is waited for', async () => {
  const machine = await start()
  hub.misbehave('stall')
  const { id } = await machine.queue(from('').source, 'models/loras')
  await machine.until(id, ({ received }) => received > 0)
  const { bring } = bringing(machine.origin, [from('a.safetensors')])
  const brought = bring()
  await until('both are asked for', async () => (await machine.call('GET', 'downloads')).json.length === 2)
  hub.misbehave(undefined)
  hub.storage.release()
  await brought
  expect(await machine.filesOnDisk()).toEqual(['models/loras/a.safetensors'])
})

test('every file without a source is named with its folder and where to look, and nothing is downloaded then', async () => {
  const machine = await start()
  const names = ['a.safetensors', 'own\n‮/b c.safetensors', 'd.safetensors']
  const { failure } = bringing(machine.origin, [from('a.safetensors')], names)
  const { errorClass, said } = await failure()
  expect(errorClass).toBe('models_missing')
  expect(said).toBe(
    'The machine lacks model files that this model loads: ' +
      'own /b c.safetensors, which belongs into models/loras (look for it at https://huggingface.co/models?search=b%20c or https://civitai.com/search/models?query=b%20c); ' +
      'd.safetensors, which belongs into models/loras (look for it at https://huggingface.co/models?search=d or https://civitai.com/search/models?query=d).',
  )
  expect((await machine.call('GET', 'downloads')).json).toEqual([])
})

test('of two files of one name each comes from the source for its own folder', async () => {
  const machine = await start()
  const { logger } = recordingLogger()
  const vae = { ...from('a.safetensors', 'b'), folder: 'models/vae' }
  const files = [
    { name: 'a.safetensors', nodeClass: 'VAELoader', field: 'vae_name' },
    lora('a.safetensors'),
    lora('a.safetensors'),
  ]
  const sources = [from('a.safetensors'), vae]
  const given = { filebrowser: machine.origin, files, sources }
  await bringModelFiles(
    { logger, metrics: workerMetrics('.'), lookEveryMs: 5 },
    given,
    () => undefined,
    never(),
  )
  expect((await machine.call('GET', 'downloads')).json).toHaveLength(2)
  expect(await machine.filesOnDisk()).toEqual(['models/loras/a.safetensors', 'models/vae/a.safetensors'])
})

test('without a file manager the files are named, sources or not', async () => {
  const { errorClass, said } = await bringing(undefined, [from('a.safetensors')]).failure()
  expect([errorClass, said.includes('a.safetensors')]).toEqual(['models_missing', true])
})

test('nothing missing needs no file manager', async () => {
  await bringing(undefined, [from('a.safetensors')], []).bring()
})

test('a gated model fails with what the issuer says and the page where the terms are accepted', async () => {
  const machine = await start()
  const { errorClass, said } = await bringing(machine.origin, [
    from('a.safetensors', 'a', 'gated/model'),
  ]).failure()
  expect(errorClass).toBe('download_failed')
  expect(said).toMatch(/^A model file that this model loads could not be downloaded\. a\.safetensors: .+/)
  expect(said).toContain(`${hub.url}/gated/model`)
  expect(said).not.toContain('CANARY')
})

test.for([
  ['pause', 'a.safetensors is paused in the file manager.'],
  ['cancel', 'a.safetensors was canceled in the file manager.'],
])('a download that somebody ends by %s fails and says so', async ([action, reason]) => {
  const machine = await start()
  hub.misbehave('stall')
  const { failure, reports } = bringing(machine.origin, [from('a.safetensors')])
  const failed = failure()
  await until('it is under way', () => reports.length > 0)
  await machine.call('POST', 'downloads/actions', { action, ids: 'all' })
  expect(await failed).toMatchObject({ errorClass: 'download_failed', detail: reason })
})

test('what its author says of folders and hosts leads nowhere else', async () => {
  const machine = await start()
  const outside = { ...from('x.safetensors'), folder: 'models/../../outside' }
  const elsewhere = { ...from('y.safetensors'), source: 'https://169.254.169.254/y.safetensors' }
  const { errorClass, said } = await bringing(machine.origin, [outside, elsewhere]).failure()
  expect(errorClass).toBe('download_failed')
  expect(said).toMatch(/x\.safetensors: .+ y\.safetensors: /)
  expect(await machine.filesOnDisk()).toEqual([])
})

test('a file that is there by now counts as brought', async () => {
  const machine = await start()
  await machine.download(from('').source, 'models/loras')
  await writeFile(join(machine.workspace, 'models/loras/a.safetensors'), 'another one')
  await bringing(machine.origin, [from('a.safetensors')]).bring()
})

test.for<[string, (response: ServerResponse) => unknown]>([
  ['garbage', (response) => response.end('hf_CANARYgarbage')],
  ['another shape', (response) => response.end('{"downloads":[{"id":1}]}')],
  ['an endless text', (response) => endless().pipe(response)],
])('a file manager that answers with %s fails for the moment', async ([_, answer]) => {
  const server = await listen((_request, response) => void answer(response))
  onTestFinished(server.close)
  expect(await bringing(server.url, [from('a.safetensors')]).failure()).toMatchObject({
    errorClass: 'internal',
    isPassing: true,
    detail: expect.not.stringContaining('CANARY'),
  })
})

test('a request that ends while the file manager says nothing ends with its reason', async () => {
  const end = new AbortController()
  const reason = new Error('cancelled')
  const server = await listen(() => end.abort(reason))
  onTestFinished(server.close)
  await expect(bringing(server.url, [from('a.safetensors')]).bring(end.signal)).rejects.toBe(reason)
})

test('a file manager that dies in the middle is waited for, but not for ever', async () => {
  let asked = 0
  const one = { id: '1', state: 'downloading', received: 1, size: null, error: null }
  const server = await listen((request, response) => {
    if (request.method === 'POST') return void response.end(JSON.stringify({ downloads: [one] }))
    asked += 1
    if (asked > 3) return void response.destroy()
    response.end(asked === 2 ? '' : JSON.stringify([one]))
  })
  onTestFinished(server.close)
  const { failure, reports } = bringing(server.url, [from('a.safetensors')])
  expect(await failure()).toMatchObject({ errorClass: 'internal' })
  expect(reports).toEqual(Array(2).fill({ progress: null, text: 'Downloading a.safetensors, 1 B' }))
})

test('a redirect of the file manager is not followed', async () => {
  let asked = 0
  const other = await listen((_request, response) => {
    asked += 1
    response.end('[]')
  })
  onTestFinished(other.close)
  const server = await listen(
    (_request, response) => void response.writeHead(307, { location: other.url }).end(),
  )
  onTestFinished(server.close)
  const failure = await bringing(server.url, [from('a.safetensors')]).failure()
  expect([failure.errorClass, asked]).toEqual(['internal', 0])
})
