import { execFile } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { placesOf } from '~/cli/credentials/places'
import { readStoredToken } from '~/cli/credentials/read'
import { forgetToken, prepareFolder, saveToken } from '~/cli/credentials/write'
import { readEnvironment } from '~/cli/environment'
import { bundleFolder, bundleProgram } from '../support/bundle-program'
import { temporaryFolder } from '../support/temp-folder'

const run = promisify(execFile)
const OLD = { token: 'slipway_cli_CANARYold', webBase: 'https://slipway.test', email: null }
const NEW = { token: 'slipway_cli_CANARYnew', webBase: 'https://slipway.test', email: 'ana@example.org' }

function place() {
  const { path, remove } = temporaryFolder()
  onTestFinished(remove)
  const file = join(path, 'config/runcomfy/token.json')
  const warnings: string[] = []
  const warn = (text: string) => void warnings.push(text)
  return { file, folder: dirname(file), warn, warnings, places: { file, legacy: undefined } }
}

/** What `RUNCOMFY_CONFIG_DIR` may name. */
function ownFolder(mode: number) {
  const { folder: around, ...rest } = place()
  const path = join(around, 'own')
  mkdirSync(path, { recursive: true })
  chmodSync(path, mode)
  return { ...rest, path }
}
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

describe('where the token lives', () => {
  const computer = { home: '/home/ana', hostname: 'laptop', platform: 'linux' as NodeJS.Platform }
  const placesWith = (env: Record<string, string>, platform = computer.platform) =>
    placesOf(readEnvironment(env as unknown as NodeJS.ProcessEnv, { ...computer, platform }))

  test.each([
    ['the home folder', {}, '/home/ana/.config/runcomfy/token.json'],
    ['XDG_CONFIG_HOME', { XDG_CONFIG_HOME: '/xdg' }, '/xdg/runcomfy/token.json'],
    [
      'a relative XDG_CONFIG_HOME, which is none',
      { XDG_CONFIG_HOME: 'xdg' },
      '/home/ana/.config/runcomfy/token.json',
    ],
    [
      'RUNCOMFY_CONFIG_DIR before all',
      { RUNCOMFY_CONFIG_DIR: '/own', XDG_CONFIG_HOME: '/xdg' },
      '/own/token.json',
    ],
    [
      'an empty variable, which is none',
      { RUNCOMFY_CONFIG_DIR: ' ' },
      '/home/ana/.config/runcomfy/token.json',
    ],
  ])('is found by %s', (_by, env, file) => {
    expect(placesWith(env)).toEqual({ file, legacy: undefined })
  })

  test('the old place of a Mac is read after the new one, and never written', () => {
    const { file, legacy } = placesWith({}, 'darwin')
    expect(file).toBe('/home/ana/.config/runcomfy/token.json')
    expect(legacy).toBe('/home/ana/Library/Application Support/runcomfy/token.json')
    expect(placesWith({ RUNCOMFY_CONFIG_DIR: '/own' }, 'darwin').legacy).toBeUndefined()

    const { file: first, folder, warn } = place()
    const second = join(folder, '../old.json')
    mkdirSync(dirname(second), { recursive: true })
    writeFileSync(second, JSON.stringify({ access_token: 'rc_OLD' }), { mode: 0o644 })
    const places = { file: first, legacy: second }
    expect(readStoredToken(places, warn)).toMatchObject({ token: 'rc_OLD', file: second })
    expect(modeOf(second)).toBe('644')
    saveToken(first, NEW, warn)
    expect(readStoredToken(places, warn)).toMatchObject({ token: NEW.token, file: first })
  })
})

test('the file is what RunComfy’s own command reads, and says its server besides', () => {
  const { file, warn, places } = place()
  saveToken(file, NEW, warn)
  expect(readFileSync(file, 'utf8')).toBe(
    `{\n  "access_token": "${NEW.token}",\n  "refresh_token": null,\n  "expires_at": null,\n  "user_email": "ana@example.org",\n  "web_base": "https://slipway.test"\n}\n`,
  )
  expect(readStoredToken(places, warn)).toEqual({ ...NEW, file })
})

describe('fault 102: a file for one user alone', () => {
  test('is 0600 in a 0700 folder, whatever the mask and what was there', () => {
    const { file, folder, warn, warnings } = place()
    const mask = process.umask(0)
    onTestFinished(() => void process.umask(mask))
    saveToken(file, OLD, warn)
    expect([modeOf(file), modeOf(folder)]).toEqual(['600', '700'])
    chmodSync(file, 0o644)
    chmodSync(folder, 0o777)
    saveToken(file, NEW, warn)
    expect([modeOf(file), modeOf(folder)]).toEqual(['600', '700'])
    expect(warnings).toEqual([`The folder ${folder} was open to others on this computer. Now it isn't.`])
  })

  test('is tightened when it is read, with a warning', () => {
    const { file, warn, warnings, places } = place()
    saveToken(file, OLD, warn)
    chmodSync(file, 0o640)
    expect(readStoredToken(places, warn)?.token).toBe(OLD.token)
    expect(modeOf(file)).toBe('600')
    expect(warnings).toEqual([expect.stringContaining(`${file} could be read by others`)])
    readStoredToken(places, warn)
    expect(warnings).toHaveLength(1)
  })

  test('is never written or read through a symlink in its place', () => {
    const { file, folder, warn, places } = place()
    const target = join(folder, 'elsewhere')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(target, 'mine', { mode: 0o644 })
    symlinkSync(target, file)
    expect(() => readStoredToken(places, warn)).toThrow(`${file} can't be read: it is a link`)
    expect(modeOf(target)).toBe('644')
    expect(() => saveToken(file, NEW, warn)).toThrow(`${file} is a link`)
    expect(readFileSync(target, 'utf8')).toBe('mine')
    forgetToken(file)
    expect(readdirSync(folder)).toEqual(['elsewhere'])
  })

  test.each(['1777', '777', '775', '702'])('is not put where others write: %s', (octal) => {
    const mode = Number.parseInt(octal, 8)
    const { path, warn } = ownFolder(mode)
    const save = () => saveToken(join(path, 'token.json'), NEW, warn)
    expect(save).toThrow(`Others can write to the folder ${path}. Choose one of your own`)
    expect([statSync(path).mode & 0o7777, readdirSync(path)]).toEqual([mode, []])
  })

  test('leaves a folder as it is that others only read, unless it is called runcomfy', () => {
    const { path, warn, warnings } = ownFolder(0o755)
    const file = join(path, 'token.json')
    saveToken(file, NEW, warn)
    expect([modeOf(path), modeOf(file), warnings]).toEqual(['755', '600', []])
    const ours = place()
    mkdirSync(ours.folder, { recursive: true, mode: 0o755 })
    saveToken(ours.file, NEW, ours.warn)
    expect([modeOf(ours.folder), ours.warnings.length]).toEqual(['700', 1])
  })

  test('is not put in place of a folder', () => {
    const taken = place()
    mkdirSync(taken.file, { recursive: true, mode: 0o700 })
    expect(() => prepareFolder(taken.file, taken.warn)).toThrow(`${taken.file} is no file`)
    const through = place()
    mkdirSync(dirname(through.folder), { recursive: true })
    writeFileSync(through.folder, '')
    expect(() => prepareFolder(through.file, through.warn)).toThrow(through.folder)
  })

  test.runIf(process.getuid?.() === 0)('is not read when it is another user’s', () => {
    const { file, warn, places } = place()
    saveToken(file, NEW, warn)
    chownSync(file, 12_345, 12_345)
    expect(() => readStoredToken(places, warn)).toThrow(`${file} can't be read: it belongs to another user`)
  })

  test.runIf(process.getuid?.() === 0)('is not put in a folder of another user', () => {
    const { file, folder, warn } = place()
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    chownSync(folder, 12_345, 12_345)
    expect(() => saveToken(file, NEW, warn)).toThrow(`The folder ${folder} belongs to another user`)
    expect(existsSync(file)).toBe(false)
  })
})

test.each([
  ['half of one', '{"access_token": "slipway_cli_CANARY'],
  ['an empty one', ''],
  ['another one', '{"token": "slipway_cli_CANARY"}'],
  ['a list', '["slipway_cli_CANARY"]'],
  ['a token over two lines', '{"access_token": "slipway_cli_CANARY\\nx: y"}'],
  ['a token that is a number', '{"access_token": 5}'],
  ['a server that is none', '{"access_token": "slipway_cli_CANARY", "web_base": "file:///etc"}'],
  ['a server with a path', '{"access_token": "slipway_cli_CANARY", "web_base": "https://a.test/b"}'],
  ['a huge one', ' '.repeat(70_000)],
])('a file that can’t be read is an error that names it and repeats nothing of it: %s', (_what, text) => {
  const { file, folder, warn, places } = place()
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(file, text, { mode: 0o600 })
  const read = () => readStoredToken(places, warn)
  expect(read).toThrow(`${file} can't be read: `)
  expect(read).toThrow(/run: runcomfy login$/)
  expect(read).not.toThrow(/CANARY/)
})

test('a folder or a pipe in its place is an error that names it', async () => {
  const { file, folder, warn, places } = place()
  mkdirSync(file, { recursive: true })
  expect(() => readStoredToken(places, warn)).toThrow(`${file} can't be read: it is`)
  rmSync(file, { recursive: true })
  await run('mkfifo', [file], { cwd: folder })
  expect(() => readStoredToken(places, warn)).toThrow(`${file} can't be read: it is no file`)
})

test('nothing there is nobody logged in', () => {
  const { file, warn, places } = place()
  expect(readStoredToken(places, warn)).toBeUndefined()
  forgetToken(file)
})

describe('fault 102: killed while writing', () => {
  let program: string
  const folder = bundleFolder()
  beforeAll(async () => {
    program = await bundleProgram('test/support/saving-process.ts', folder)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const save = (file: string, token: string, ...args: (number | string)[]) =>
    run(process.execPath, [program, file, token, ...args.map(String)])
  const WRITE = 3

  test('at any step or byte, the file is the old one or the new one, and the next login tidies up', async () => {
    const counting = place()
    const steps = Number((await save(counting.file, NEW.token)).stdout)
    const size = statSync(counting.file).size
    const deaths = [
      ...Array.from({ length: steps }, (_, step) => [step + 1, 0]),
      ...Array.from({ length: Math.ceil(size / 24) }, (_, part) => [WRITE, part * 24 + 1]),
    ]
    expect(steps).toBeGreaterThan(6)
    const seen = new Set<string>()
    const leftBehind = new Set<number>()
    for (const [step = 0, bytes = 0] of deaths) {
      const { file, folder, warn, places } = place()
      saveToken(file, OLD, warn)
      await expect(save(file, NEW.token, 1, step, bytes)).rejects.toMatchObject({ signal: 'SIGKILL' })
      const token = readStoredToken(places, warn)?.token ?? ''
      seen.add(token)
      leftBehind.add(readdirSync(folder).length)
      saveToken(file, NEW, warn)
      expect(readdirSync(folder)).toEqual(['token.json'])
    }
    expect([...seen].sort()).toEqual([NEW.token, OLD.token])
    expect(leftBehind).toContain(2)
  })

  test('another login that keeps taking its file away is said to be the reason', async () => {
    const { file } = place()
    await expect(save(file, NEW.token, 1, 0, 0, 'taken')).rejects.toMatchObject({
      stderr: expect.stringContaining(`Another login is being saved to ${file}. Run it again.`),
    })
  })

  test('two logins at once leave one whole file, and nothing else is ever read', async () => {
    const { file, folder, warn, places } = place()
    saveToken(file, OLD, warn)
    const tokens = ['slipway_cli_CANARYone', 'slipway_cli_CANARYtwo']
    let isDone = false
    const logins = Promise.all(tokens.map((token) => save(file, token, 100))).finally(() => {
      isDone = true
    })
    for (let reads = 0; !isDone; reads++) {
      expect([OLD.token, ...tokens]).toContain(readStoredToken(places, warn)?.token)
      if (reads % 20 === 0) await new Promise(setImmediate)
    }
    await logins
    expect(tokens).toContain(readStoredToken(places, warn)?.token)
    expect(readdirSync(folder)).toEqual(['token.json'])
  })
})
