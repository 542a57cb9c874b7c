import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { listAuditEntries } from '~/db/audit'
import { saveProviderToken } from '~/db/provider-tokens'
import { providerTokens } from '~/db/schema'
import { removeResults, resultFile, resultFolder, resultPart, resultsOfUser } from '~/result-files'
import type { NodeOutput, OutputFile } from '~/worker/comfyui/comfyui'
import { RequestError } from '~/worker/requests/request-error'
import { fetchResults } from '~/worker/requests/results'
import { SOMEBODY } from '../support/actors'
import { PromptRuntime } from '../support/runtimes'
import { noMount, smallDisk } from '../support/small-disk'
import { until } from '../support/until'
import { testDeps } from '../support/worker-deps'

const TOKEN = 'hf_CANARYresults0123456789'
const PNG = Buffer.from(`\x89PNG\r\n\x1a\n${'pixels'.repeat(20)}`, 'latin1')
const ID = 'abcdefghijklmnop'

type Content = Buffer | string | (() => Readable)

/** A request that has run; its ComfyUI holds these files, named by their order. */
function fetching(of: Record<string, { files?: [name: string, content: Content][]; texts?: string[] }>) {
  const system = testDeps(new PromptRuntime())
  const { deps, admin } = system
  const contents: Content[] = []
  const outputs = new Map<string, NodeOutput>()
  const marked = Object.entries(of).map(([name, { files = [], texts = [] }]) => {
    const at = (content: Content) => String(contents.push(content) - 1)
    outputs.set(`node of ${name}`, {
      files: files.map(([filename, content]) => ({ filename, subfolder: at(content), type: 'output' })),
      texts,
    })
    return { name, title: name, node: `node of ${name}` }
  })
  const comfyui = {
    open: async ({ subfolder }: OutputFile) => {
      const content = contents[Number(subfolder)] ?? ''
      return typeof content === 'function' ? content() : Readable.from([Buffer.from(content)])
    },
  }
  const request = { id: ID, userId: admin.id }
  const of_ = { userId: admin.id, requestId: ID }
  const run = ({
    stillMine = () => true,
    signal = new AbortController().signal,
    with: given = deps,
  }: {
    stillMine?: () => boolean
    signal?: AbortSignal
    with?: typeof deps
  } = {}) => fetchResults(given, comfyui, request, { outputs: marked }, outputs, { stillMine, signal })
  const path = (position: number) => resultFile(deps.dataDir, { ...of_, position })
  /** Everything below the results of all users. */
  const onDisk = () =>
    existsSync(join(deps.dataDir, 'results'))
      ? readdirSync(resultsOfUser(deps.dataDir, admin.id), { recursive: true, encoding: 'utf8' }).sort()
      : []
  const withMax = (bytesMax: number) => ({ ...deps, requests: { ...deps.requests, bytesMax } })
  return { ...system, run, path, onDisk, withMax, of: of_ }
}

describe('results', () => {
  test('are whole files that only the server can read, in the order of the outputs', async () => {
    const { run, path, onDisk, of, dataDir } = fetching({
      images: {
        files: [
          ['a.png', PNG],
          ['b.bin', 'bytes'],
        ],
      },
      words: { texts: ['one', 'two'] },
      video: { files: [['c.mp4', '\0\0\0\x20ftypisom']], texts: ['three'] },
      nothing: {},
    })
    expect(await run()).toEqual({
      files: [
        { position: 0, output: 'images', name: 'a.png', mediaType: 'image/png', bytes: PNG.length },
        { position: 1, output: 'images', name: 'b.bin', mediaType: 'application/octet-stream', bytes: 5 },
        { position: 2, output: 'video', name: 'c.mp4', mediaType: 'video/mp4', bytes: 12 },
      ],
      texts: { words: ['one', 'two'], video: ['three'] },
    })
    expect(PNG.equals(readFileSync(path(0)))).toBe(true)
    expect(onDisk()).toEqual([ID, `${ID}/0`, `${ID}/1`, `${ID}/2`])
    const modes = [dirname(resultsOfUser(dataDir, of.userId)), resultFolder(dataDir, of), path(0)]
    expect(modes.map((each) => statSync(each).mode & 0o777)).toEqual([0o700, 0o700, 0o600])
    await removeResults(dataDir, of)
    expect(onDisk()).toEqual([])
  })

  test('of a node that gave nothing fail, and of a node that gave an empty file do not', async () => {
    const nothing = fetching({ images: {} })
    await expect(nothing.run()).rejects.toMatchObject({ errorClass: 'no_output' })
    expect(nothing.onDisk()).toEqual([])
    expect((await fetching({ images: { files: [['a.png', '']] } }).run()).files).toMatchObject([
      { bytes: 0, mediaType: 'application/octet-stream' },
    ])
  })

  test('that ComfyUI doesn’t give are left out and said, and fail where nothing else came out', async () => {
    const refuse = () => {
      throw new RequestError('no_output', 'ComfyUI answered 404.')
    }
    const gone: [string, Content][] = [
      ['a.png', refuse],
      ['b.png', refuse],
    ]
    const said = (name: string) => `${name} was left out: ComfyUI does not give it. ComfyUI answered 404.`
    const some = fetching({ images: { files: [...gone, ['c.png', PNG]] } })
    expect(await some.run()).toMatchObject({
      files: [{ position: 0, name: 'c.png' }],
      texts: { images: [said('a.png'), said('b.png')] },
    })
    const none = fetching({ images: { files: gone } })
    await expect(none.run()).rejects.toMatchObject({
      errorClass: 'no_output',
      said: `ComfyUI finished, but nothing came out: ${said('a.png')} (and 1 more)`,
    })
    expect(none.onDisk()).toEqual([])
  })

  test('have plain names that are unique without regard to case', async () => {
    const names = ['../../etc/passwd', 'A.png', 'a.PNG', 'C:\\x\\con.txt', 'a\u202egnp.exe', '..', '\u0000']
    const { run } = fetching({ images: { files: names.map((name) => [name, 'x']) } })
    expect((await run()).files.map(({ name }) => name)).toEqual([
      'passwd',
      'A.png',
      'a-2.PNG',
      '_con.txt',
      'agnp.exe',
      'result',
      'result-2',
    ])
  })

  test('are served as what they are, and as bytes where name and content don’t agree', async () => {
    const files: [string, Content][] = [
      ['page.html', PNG],
      ['page.png', '<script>alert(1)</script>'],
      ['drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
      ['PICTURE.PNG', () => Readable.from([...PNG].map((byte) => Buffer.from([byte])))],
    ]
    const types = (await fetching({ images: { files } }).run()).files.map(({ mediaType }) => mediaType)
    const bytes = 'application/octet-stream'
    expect(types).toEqual([bytes, bytes, bytes, 'image/png'])
  })

  test('are limited in all, and nothing stays of what is too large', async () => {
    const files: [string, Content][] = [
      ['a', Buffer.alloc(600)],
      ['b', Buffer.alloc(400)],
    ]
    const fits = fetching({ images: { files } })
    await fits.run({ with: fits.withMax(1000) })
    const tooLarge = fetching({ images: { files } })
    await expect(tooLarge.run({ with: tooLarge.withMax(999) })).rejects.toMatchObject({
      errorClass: 'result_too_large',
      said: 'More than 999 B came out, which is all that this server keeps of a request.',
    })
    expect(tooLarge.onDisk()).toEqual([])
  })

  test('without an end are cut off at the limit', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(65_536)
      })(),
    )
    const { run, onDisk, withMax } = fetching({ images: { files: [['a', () => endless]] } })
    await expect(run({ with: withMax(1e6) })).rejects.toMatchObject({ errorClass: 'result_too_large' })
    expect([endless.destroyed, onDisk()]).toEqual([true, []])
  })

  test('of more than 200 files are refused before any is fetched', async () => {
    const file = (): [string, Content] => ['a', () => expect.unreachable('It was opened.')]
    const { run } = fetching({ images: { files: Array.from({ length: 201 }, file) } })
    await expect(run()).rejects.toMatchObject({ errorClass: 'result_too_large' })
  })

  test('are bounded texts, never cut in the middle of a character', async () => {
    const long = `${'x'.repeat(19_998)}😀y`
    const { run } = fetching({ words: { texts: [long, ...Array(150).fill('text')] } })
    const words = (await run()).texts.words ?? []
    expect([words[0], words.length]).toEqual([`${'x'.repeat(19_998)}…`, 101])
    expect(words.at(-1)).toBe('51 more texts were left out; 100 are kept of a request.')
  })

  test('hold no token of the caller, say what was left out, and that the token was opened is written down', async () => {
    const half = TOKEN.length / 2
    const inPieces = () =>
      Readable.from([PNG, TOKEN.slice(0, half), TOKEN.slice(half)].map((s) => Buffer.from(s)))
    const { deps, db, admin, run, onDisk, path, lines } = fetching({
      images: {
        files: [
          ['leak.png', inPieces],
          [`${TOKEN}.png`, PNG],
          ['good.png', PNG],
        ],
      },
      words: { texts: ['fine', `HF_TOKEN=${TOKEN}`, Buffer.from(`x${TOKEN}`).toString('base64')] },
    })
    saveProviderToken(deps, admin.id, 'huggingface', TOKEN, SOMEBODY)
    const results = await run()
    expect(results).toEqual({
      files: [{ position: 0, output: 'images', name: 'good.png', mediaType: 'image/png', bytes: PNG.length }],
      texts: {
        images: [
          'leak.png holds your Hugging Face token and was left out.',
          'A file that holds your Hugging Face token in its name was left out.',
        ],
        words: ['fine', ...Array(2).fill('A text that holds your Hugging Face token was left out.')],
      },
    })
    expect(onDisk()).toEqual([ID, `${ID}/0`])
    expect(PNG.equals(readFileSync(path(0)))).toBe(true)
    expect(JSON.stringify(results) + lines.join('')).not.toContain('CANARY')
    const [entry] = listAuditEntries(db, { action: 'provider_token_opened' }, { limit: 1 })
    expect(entry).toMatchObject({ target: 'Hugging Face', subjectId: admin.id })
    expect(entry?.detail).toContain('once an hour')
  })

  test('fail rather than guess when a saved token can’t be opened', async () => {
    const { deps, db, admin, run, onDisk } = fetching({ images: { files: [['a.png', PNG]] } })
    saveProviderToken(deps, admin.id, 'civitai', TOKEN, SOMEBODY)
    db.update(providerTokens).set({ sealed: 'v1.damaged.AAAA' }).run()
    await expect(run()).rejects.toMatchObject({ errorClass: 'internal' })
    expect(onDisk()).toEqual([])
  })

  test('a failure of ComfyUI that quotes a token does not pass it on', async () => {
    const content = () => {
      throw new RequestError('comfyui_unreachable', `no ${TOKEN}`, `None: ${TOKEN}`)
    }
    const { deps, admin, run } = fetching({ images: { files: [['a.png', content]] } })
    saveProviderToken(deps, admin.id, 'huggingface', TOKEN, SOMEBODY)
    const error = await run().catch((error) => error)
    expect([error.errorClass, error.detail, error.said]).toEqual([
      'comfyui_unreachable',
      'no [secret]',
      'None: [secret]',
    ])
    expect(error.message).not.toContain('CANARY')
  })
})

describe('nothing is left behind', () => {
  test('by a file that breaks off', async () => {
    const broken = () =>
      Readable.from(
        (async function* () {
          yield PNG
          throw new Error('socket hang up')
        })(),
      )
    const { run, onDisk } = fetching({
      images: {
        files: [
          ['a.png', PNG],
          ['b.png', broken],
        ],
      },
    })
    await expect(run()).rejects.toThrow('socket hang up')
    expect(onDisk()).toEqual([])
  })

  test('by a request that ends while a file is fetched, also one that never comes', async () => {
    const end = new AbortController()
    const stuck = new Readable({ read: () => undefined })
    const { run, onDisk } = fetching({
      images: {
        files: [
          ['a.png', PNG],
          ['b.png', () => stuck],
        ],
      },
    })
    const ended = run({ signal: end.signal })
    await until('the second is being fetched', () => onDisk().some((name) => name.endsWith('/1')))
    end.abort(new Error('cancelled'))
    await expect(ended).rejects.toThrow('cancelled')
    expect([stuck.destroyed, onDisk()]).toEqual([true, []])
  })

  test('by a worker that lost the request while it fetched, which puts nothing in place either', async () => {
    let mine = true
    const content = () => {
      mine = false
      return Readable.from([PNG])
    }
    const { run, onDisk } = fetching({ images: { files: [['a.png', content]] } })
    await expect(run({ stillMine: () => mine })).rejects.toThrow('Another worker took over')
    expect(onDisk()).toEqual([])
  })
})

describe('two workers on one request', () => {
  test('the one that lost it fails, and the other’s files are its own', async () => {
    let mine = true
    const slow = new Readable({ read: () => undefined })
    let fetched = 0
    const content = () => (fetched++ === 0 ? slow : Readable.from([Buffer.from('of the second')]))
    const { run, onDisk, path } = fetching({ images: { files: [['a.txt', content]] } })
    const first = run({ stillMine: () => mine })
    await until('the first fetches', () => onDisk().some((name) => name.endsWith('/0')))
    mine = false
    await run()
    slow.push('of the first')
    slow.push(null)
    await expect(first).rejects.toThrow()
    expect(onDisk()).toEqual([ID, `${ID}/0`])
    expect(readFileSync(path(0), 'utf8')).toBe('of the second')
  })

  test('what a worker left that was killed goes, and files that nobody wrote down are replaced', async () => {
    const { run, onDisk, path, of, dataDir } = fetching({ images: { files: [['a.txt', 'new']] } })
    const other = `${'b'.repeat(16)}.${'c'.repeat(16)}.part`
    for (const folder of [
      resultPart(dataDir, of, 'c'.repeat(16)),
      resultFolder(dataDir, of),
      join(resultsOfUser(dataDir, of.userId), other),
    ]) {
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, '0'), 'old')
      writeFileSync(join(folder, '1'), 'old')
    }
    await run()
    expect(onDisk()).toEqual([ID, `${ID}/0`, other, `${other}/0`, `${other}/1`])
    expect(readFileSync(path(0), 'utf8')).toBe('new')
  })
})

describe('a link that was planted', () => {
  const planted = (where: 'results' | 'user' | 'request') => {
    const system = fetching({ images: { files: [['a.txt', 'new']] } })
    const { dataDir, of } = system
    const elsewhere = join(dataDir, 'elsewhere')
    const user = resultsOfUser(dataDir, of.userId)
    const link = { results: dirname(user), user, request: resultFolder(dataDir, of) }[where]
    mkdirSync(join(elsewhere, of.userId), { recursive: true })
    writeFileSync(join(elsewhere, 'kept'), 'kept')
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(elsewhere, link)
    const there = () => readdirSync(elsewhere, { recursive: true, encoding: 'utf8' }).sort()
    return { ...system, there }
  }

  test.for(['results', 'user'] as const)('in place of the folder of %s is refused', async (where) => {
    const { run, there, of } = planted(where)
    await expect(run()).rejects.toThrow('is not a folder')
    expect(there()).toEqual([of.userId, 'kept'].sort())
  })

  test('in place of a request’s folder is replaced, and what it leads to stays', async () => {
    const { run, there, path, of } = planted('request')
    await run()
    expect(readFileSync(path(0), 'utf8')).toBe('new')
    expect(there()).toEqual([of.userId, 'kept'].sort())
  })
})

describe('a disk', () => {
  test('with less than the reserve is not written to', async () => {
    const { deps, run, onDisk } = fetching({ images: { files: [['a.png', PNG]] } })
    const full = { ...deps, saves: { ...deps.saves, reserveBytes: 1e18 } }
    await expect(run({ with: full })).rejects.toMatchObject({ errorClass: 'disk_full' })
    expect(onDisk()).toEqual([])
  })

  test.skipIf(noMount)('that gets full in the middle leaves nothing, and the failure says so', async () => {
    const disk = smallDisk(8)
    const filling = () =>
      Readable.from(
        (async function* () {
          yield PNG
          disk.fill()
          yield Buffer.alloc(1024 ** 2)
        })(),
      )
    const { deps, run, onDisk } = fetching({ images: { files: [['a.png', filling]] } })
    // However often the room is looked at, others may take it right afterwards.
    const unlooked = { ...deps, saves: { ...deps.saves, reserveBytes: -1e9 } }
    await expect(run({ with: unlooked })).rejects.toMatchObject({
      errorClass: 'disk_full',
      detail: expect.stringContaining('ENOSPC'),
    })
    expect(onDisk()).toEqual([])
  })
})
