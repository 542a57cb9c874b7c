import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { extract, type Headers, pack } from 'tar-stream'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ArchiveError, type SavePlan, SecretCameMeanwhile } from '~/worker/runtimes/runtime'
import { type Bench, never, planFor } from './conformance'

/** One that can be the name of a file, too. */
const TOKEN = 'hf_CANARYsaved0123456789'
const WORKSPACE = 'workspace'
const LABEL = 'Hugging Face'
const yes = () => true

async function workspaceBench(open: () => Promise<Bench>) {
  const bench = await open()
  const runtime = await bench.open({})
  const { workspaces } = runtime
  const notes: string[] = []
  const path = (name: string, workspaceId = WORKSPACE) => join(bench.dataDir, 'workspaces', workspaceId, name)
  const put = (name: string, content: string | Buffer) => {
    mkdirSync(dirname(path(name)), { recursive: true })
    writeFileSync(path(name), content)
  }
  const save = (plan: Partial<SavePlan> = {}, signal = never()) =>
    buffer(
      workspaces.save(
        WORKSPACE,
        {
          secrets: [{ label: LABEL, value: TOKEN }],
          note: (sentence) => void notes.push(sentence),
          onBytes: () => undefined,
          ...plan,
        },
        signal,
      ),
    )
  return { bench, runtime, workspaces, notes, path, put, save }
}

async function entriesOf(tar: Buffer): Promise<Map<string, { header: Headers; content: Buffer }>> {
  const found = new Map<string, { header: Headers; content: Buffer }>()
  const reading = extract()
  reading.on('entry', async (header, content, next) => {
    found.set(header.name.replace(/\/$/, ''), { header, content: await buffer(content) })
    next()
  })
  const ended = new Promise((resolve, reject) => reading.on('finish', resolve).on('error', reject))
  reading.end(tar)
  await ended
  return found
}

const stream = (tar: Buffer) => new PassThrough().end(tar) as PassThrough

/** That a runtime's machines and its workspaces are of the same files; the rest is alike wherever machines run. */
export function conformsWithAWorkspace(name: string, open: () => Promise<Bench>): void {
  describe(`${name}: workspaces`, () => {
    test('a running machine’s workspace, restored, is the same, belongs to the server’s user, and starts', async () => {
      const { runtime, workspaces, notes, path, put, save } = await workspaceBench(open)
      expect(await workspaces.exists(WORKSPACE)).toBe(false)
      await runtime.start(planFor(['filebrowser']), never())
      put('output/ein Bild – 1.png', Buffer.from([0, 255, 1]))
      put(`output/${'long'.repeat(50)}/empty`, '')
      put('run.sh', 'echo')
      chmodSync(path('run.sh'), 0o755)
      utimesSync(path('run.sh'), 1_700_000_000, 1_700_000_000)
      symlinkSync('output/ein Bild – 1.png', path('latest'))
      const tar = await save()
      expect(notes).toEqual([])
      expect(await workspaces.measure(WORKSPACE)).toBe(7)
      await workspaces.restore('again', stream(tar), yes, never())
      const again = (file: string) => path(file, 'again')
      expect(readFileSync(again('output/ein Bild – 1.png'))).toEqual(Buffer.from([0, 255, 1]))
      expect(readFileSync(again(`output/${'long'.repeat(50)}/empty`), 'utf8')).toBe('')
      expect(readlinkSync(again('latest'))).toBe('output/ein Bild – 1.png')
      const { mode, mtimeMs, uid } = statSync(again('run.sh'))
      expect([mode & 0o777, mtimeMs, uid]).toEqual([0o755, 1_700_000_000_000, process.getuid?.()])
      const later = { ...planFor(['filebrowser']), machineId: 'later', workspaceId: 'again' }
      await runtime.start(later, never())
      expect(readFileSync(again('run.sh'), 'utf8')).toBe('echo')
    })
  })
}

/** What every runtime promises of the files that machines work in. */
export function conformsWithWorkspaces(name: string, open: () => Promise<Bench>): void {
  conformsWithAWorkspace(name, open)
  describe(`${name}: workspaces`, () => {
    test('a save leaves out what is nested too deeply, says so, and can be restored', async () => {
      const { workspaces, notes, path, put, save } = await workspaceBench(open)
      const [many, long] = ['d/'.repeat(101), `${'x'.repeat(250)}/`.repeat(8)]
      put(`${many}file`, 'too deep')
      put(`${'d/'.repeat(100)}file`, 'just not')
      put(`${long}file`, 'too long')
      const tar = await save()
      const leftOut = 'could not be read (ENAMETOOLONG) and was left out.'
      expect(notes).toEqual([many, long].map((deep) => `${deep.slice(0, -1)} ${leftOut}`))
      expect(await workspaces.measure(WORKSPACE)).toBe('just not'.length)
      await workspaces.restore('again', stream(tar), yes, never())
      expect(readFileSync(path(`${'d/'.repeat(100)}file`, 'again'), 'utf8')).toBe('just not')
    })

    test('a save leaves out what is no file of the workspace alone, and says so', async () => {
      const { bench, notes, path, put, save } = await workspaceBench(open)
      writeFileSync(join(bench.dataDir, 'secret'), 'of the server')
      put('inside/file', 'x')
      linkSync(path('inside/file'), path('inside/second'))
      linkSync(join(bench.dataDir, 'secret'), path('hard'))
      symlinkSync(join(bench.dataDir, 'secret'), path('absolute'))
      symlinkSync('../../secret', path('relative'))
      symlinkSync('..', path('inside/up'))
      symlinkSync('inside/up/../../secret', path('around'))
      symlinkSync('nowhere', path('dangling'))
      const socket = createServer().listen(path('socket'))
      onTestFinished(() => void socket.close())
      const tar = await save()
      const entries = await entriesOf(tar)
      expect([...entries.keys()].sort()).toEqual(
        ['dangling', 'inside', 'inside/file', 'inside/second', 'inside/up'].sort(),
      )
      expect(tar.includes('of the server')).toBe(false)
      expect(notes.sort()).toEqual([
        'absolute points outside the workspace and was left out.',
        'around points outside the workspace and was left out.',
        'hard is also a file outside the workspace and was left out.',
        'relative points outside the workspace and was left out.',
        'socket is neither a file nor a folder and was left out.',
      ])
    })

    test('a save leaves out what the file manager works with: it belongs to one session', async () => {
      const { workspaces, notes, path, put, save } = await workspaceBench(open)
      put('.slipway/downloads/queue.json', 'of this session')
      put('.slipway/trash/1/model.safetensors', 'deleted')
      put('models/.slipway/trash/1/model.safetensors', 'deleted')
      put('models/loras/.slipway-abc_1-2.part', 'half')
      put('.slipway-abc.part', 'half')
      put('models/loras/whole.safetensors', 'whole')
      linkSync(path('models/loras/whole.safetensors'), path('.slipway/linked'))
      const others = ['.slipway-notes.txt', 'a.part', 'custom/.slipway', 'models/x.slipway-abc.part']
      for (const file of others) put(file, 'kept')
      const entries = await entriesOf(await save())
      const files = [...entries].filter(([, { header }]) => header.type === 'file').map(([name]) => name)
      expect(files.sort()).toEqual([...others, 'models/loras/whole.safetensors'].sort())
      expect([...entries.keys()].filter((name) => /(^|models\/)\.slipway(\/|$)/.test(name))).toEqual([])
      expect(await workspaces.measure(WORKSPACE)).toBe('whole'.length + others.length * 'kept'.length)
      expect(notes).toEqual([])
    })

    test('a save holds no token: each file with one is named and left out, whichever way it is written', async () => {
      const { notes, put, save } = await workspaceBench(open)
      const piece = 256 * 1024
      const across = Buffer.alloc(2 * piece, 'x')
      across.write(TOKEN, piece - 7)
      put('across.bin', across)
      put('plain.txt', `HF_TOKEN=${TOKEN}\n`)
      put('base64.txt', Buffer.from(`user:${TOKEN}!`).toString('base64'))
      put(`named ${TOKEN}`, 'x')
      put('line\nbreak.txt', TOKEN)
      put('kept.txt', TOKEN.slice(0, -1))
      const tar = await save()
      expect([...(await entriesOf(tar)).keys()]).toEqual(['kept.txt'])
      expect(tar.includes(TOKEN)).toBe(false)
      expect(notes.join('\n')).not.toContain(TOKEN)
      expect(notes.sort()).toEqual([
        'across.bin holds your Hugging Face token and was left out.',
        'base64.txt holds your Hugging Face token and was left out.',
        'line\u{fffd}break.txt holds your Hugging Face token and was left out.',
        'named [secret] holds your Hugging Face token in its name and was left out.',
        'plain.txt holds your Hugging Face token and was left out.',
      ])
    })

    test('a file that gets a token between the look and the copy ends the save', async () => {
      const { path, put, save } = await workspaceBench(open)
      put('file', Buffer.alloc(1024 * 1024))
      const onBytes = () => {
        const content = Buffer.alloc(1024 * 1024)
        content.write(TOKEN, 900_000)
        writeFileSync(path('file'), content)
      }
      await expect(save({ onBytes })).rejects.toThrow(SecretCameMeanwhile)
    })

    test('a save of files that grow, shrink and vanish under it is whole all the same', async () => {
      const { notes, path, put, save } = await workspaceBench(open)
      const size = 1024 * 1024
      for (const file of ['a-shrinks', 'b-grows', 'c-vanishes', 'd-last']) put(file, Buffer.alloc(size, 'x'))
      put('vanishes/too', 'x')
      let pieces = 0
      const onBytes = () => {
        if (++pieces === 1) {
          truncateSync(path('a-shrinks'), 300_000)
          unlinkSync(path('c-vanishes'))
        }
        if (pieces === 3) appendFileSync(path('b-grows'), 'more')
      }
      const entries = await entriesOf(await save({ onBytes }))
      // Not by toEqual, which takes seconds for so many bytes.
      const holds = (file: string, wanted: Buffer) => entries.get(file)?.content.equals(wanted)
      expect(holds('a-shrinks', Buffer.concat([Buffer.alloc(300_000, 'x')], size))).toBe(true)
      expect(holds('b-grows', Buffer.alloc(size, 'x'))).toBe(true)
      expect(holds('d-last', Buffer.alloc(size, 'x'))).toBe(true)
      expect(notes).toEqual([
        'a-shrinks got shorter while it was being saved; zeros stand for what was missing.',
        'c-vanishes vanished while it was being saved and was left out.',
      ])
    })

    test('a folder that becomes a link while it is read leads nowhere else', async () => {
      const { bench, path, put, save } = await workspaceBench(open)
      mkdirSync(join(bench.dataDir, 'elsewhere'))
      writeFileSync(join(bench.dataDir, 'elsewhere/b'), 'of the server')
      put('folder/a', Buffer.alloc(1024 * 1024, 'x'))
      put('folder/b', 'own')
      const onBytes = () => {
        if (lstatSync(path('folder')).isSymbolicLink()) return
        renameSync(path('folder'), path('aside'))
        symlinkSync('../../elsewhere', path('folder'))
      }
      const entries = await entriesOf(await save({ onBytes }))
      expect(entries.get('folder/b')?.content.toString()).toBe('own')
    })

    test('a restore that is cut off leaves no workspace, and the next one makes it', async () => {
      const { bench, workspaces, put, save } = await workspaceBench(open)
      put('file', Buffer.alloc(1024 * 1024, 'x'))
      const tar = await save()
      const names = () => readdirSync(join(bench.dataDir, 'workspaces')).sort()
      const cut = new AbortController()
      const half = new PassThrough()
      half.write(tar.subarray(0, 500_000))
      const work = workspaces.restore('again', half, yes, cut.signal)
      half.once('drain', () => cut.abort())
      await expect(work).rejects.toThrow()
      await expect(
        workspaces.restore('again', stream(tar.subarray(0, 500_000)), yes, never()),
      ).rejects.toThrow()
      await expect(workspaces.restore('again', stream(tar), () => false, never())).rejects.toThrow(
        'took over',
      )
      expect(await workspaces.exists('again')).toBe(false)
      expect(names()).toEqual([WORKSPACE])
      mkdirSync(join(bench.dataDir, 'workspaces/again.dead.part'))
      mkdirSync(join(bench.dataDir, 'workspaces/other.dead.part'))
      await workspaces.tidy((workspaceId) => workspaceId === 'again')
      expect(names()).toEqual(['again.dead.part', WORKSPACE])
      await workspaces.restore('again', stream(tar), yes, never())
      expect(names()).toEqual(['again', WORKSPACE])
    })

    test('a workspace that is there already stays as it is', async () => {
      const { workspaces, path, put, save } = await workspaceBench(open)
      put('file', 'saved')
      const tar = await save()
      put('file', 'newer')
      await workspaces.restore(WORKSPACE, stream(tar), yes, never())
      expect(readFileSync(path('file'), 'utf8')).toBe('newer')
    })

    const HOSTILE: Record<string, Headers[]> = {
      'above the workspace': [{ name: '../evil' }],
      'above it by a detour': [{ name: 'a/../../evil' }],
      'at an absolute path': [{ name: '/tmp/evil' }],
      'through an absolute link': [
        { name: 'link', type: 'symlink', linkname: '/tmp' },
        { name: 'link/evil' },
      ],
      'through a link that leaves': [
        { name: 'link', type: 'symlink', linkname: '../..' },
        { name: 'link/evil' },
      ],
      'through links that leave together': [
        { name: 'a', type: 'symlink', linkname: 'b/..' },
        { name: 'b', type: 'symlink', linkname: 'c' },
        { name: 'c', type: 'symlink', linkname: '.' },
      ],
      'as a hard link': [{ name: 'evil', type: 'link', linkname: '../secret' }],
      'as a device': [{ name: 'evil', type: 'character-device', devmajor: 1, devminor: 5 }],
      'as a pipe': [{ name: 'evil', type: 'fifo' }],
    }
    test.each(Object.entries(HOSTILE))('a restore writes nothing %s', async (_where, entries) => {
      const { bench, workspaces } = await workspaceBench(open)
      const tar = pack()
      for (const entry of entries) tar.entry(entry, entry.type ? undefined : 'evil')
      tar.finalize()
      const work = workspaces.restore('again', stream(await buffer(tar)), yes, never())
      await expect(work).rejects.toThrow(ArchiveError)
      expect(await workspaces.exists('again')).toBe(false)
      expect(existsSync('/tmp/evil') || existsSync(join(bench.dataDir, 'evil'))).toBe(false)
      expect(readdirSync(join(bench.dataDir, 'workspaces'))).toEqual([])
    })

    test('a restored file takes over no right to become somebody else', async () => {
      const { workspaces, path } = await workspaceBench(open)
      const tar = pack()
      tar.entry({ name: 'program', mode: 0o6777, uid: 12345, gid: 12345 }, 'x')
      tar.finalize()
      await workspaces.restore('again', stream(await buffer(tar)), yes, never())
      const { mode, uid } = statSync(path('program', 'again'))
      expect([mode & 0o7777, uid]).toEqual([0o755, process.getuid?.()])
    })
  })
}
