import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

let root: string

/** A project with the real build scripts and next to nothing to build. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'slipway-build-'))
  for (const path of ['scripts', 'package.json', 'package-lock.json', 'tsconfig.json']) {
    cpSync(path, join(root, path), { recursive: true })
  }
  symlinkSync(join(process.cwd(), 'node_modules'), join(root, 'node_modules'))
  for (const folder of [
    'app/server',
    'backup/restore',
    'cli',
    'db',
    'filebrowser',
    'providers',
    'public',
    'telemetry',
    'worker/logs',
    'workflows',
  ]) {
    mkdirSync(join(root, folder), { recursive: true })
  }
  const tools = ['app/server/sign-in-link', 'backup/index', 'backup/restore/index', 'cli/index']
  const others = ['db/migrate', 'db/rotate-keys', 'worker/logs/writer']
  for (const entry of ['app/server/index', 'filebrowser/index', ...tools, ...others]) {
    write(`${entry}.ts`, '')
  }
  write('cli/README.md', '')
  write('errors.ts', 'export const greeting: string = "first"\n')
  write('worker/index.ts', 'import { greeting } from "~/errors"\nconsole.log(greeting)\n')
})
afterEach(() => rmSync(root, { recursive: true }))

const write = (path: string, text: string) => writeFileSync(join(root, path), text)
const bundle = () => readFileSync(join(root, 'build/worker/index.js'), 'utf8')

function build(): Promise<{ output: string; failed: boolean }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/build.mjs', 'node'], { cwd: root }, (error, stdout, stderr) =>
      resolve({ output: stdout + stderr, failed: error !== null }),
    )
  })
}

it('builds again when a source has changed, and only then', async () => {
  expect(await build()).toMatchObject({ output: expect.stringContaining('Building node'), failed: false })
  expect(await build()).toEqual({ output: '', failed: false })
  write('errors.ts', 'export const greeting: string = "second"\n')
  expect(await build()).toMatchObject({ output: expect.stringContaining('Building node') })
  expect(bundle()).toContain('second')
})

it('keeps the parts of the last build for what still runs, and no older ones', async () => {
  mkdirSync(join(root, 'build/parts'), { recursive: true })
  for (const name of ['last', 'older']) write(`build/parts/${name}.js`, '')
  write('build/parts.json', '["last.js"]')
  await build()
  expect(existsSync(join(root, 'build/parts/last.js'))).toBe(true)
  expect(existsSync(join(root, 'build/parts/older.js'))).toBe(false)
})

it('leaves no command that looks whole when it stops half-way', async () => {
  await build()
  const manifest = join(root, 'build/cli/package.json')
  expect(existsSync(manifest)).toBe(true)
  rmSync(join(root, 'cli/README.md'))
  expect((await build()).failed).toBe(true)
  expect(existsSync(manifest)).toBe(false)
})

it('tries again after a failure, even when nothing has changed', async () => {
  await build()
  for (const lost of ['~/nowhere', './nowhere']) {
    write('worker/index.ts', `import "${lost}"\n`)
    for (const _attempt of [1, 2]) {
      const { output, failed } = await build()
      expect(output).toContain(lost)
      expect(output).toContain('Bundling failed')
      expect(failed).toBe(true)
    }
  }
})

it('builds once when it is asked twice at the same time', async () => {
  const outputs = await Promise.all([build(), build()])
  expect(outputs.filter(({ failed }) => failed)).toEqual([])
  expect(outputs.filter(({ output }) => output.includes('Building node'))).toHaveLength(1)
  expect(existsSync(join(root, 'build/build.lock'))).toBe(false)
})

it('names a folder that it would read without noticing its changes', async () => {
  mkdirSync(join(root, 'elsewhere'))
  write('elsewhere/part.ts', 'export const part = 1\n')
  write('worker/index.ts', 'import { part } from "~/elsewhere/part"\nconsole.log(part)\n')
  expect((await build()).output).toContain('has to name elsewhere/part.ts')
})
