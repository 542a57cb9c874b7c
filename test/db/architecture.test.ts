import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = process.cwd()
const sources = ['app', 'backup', 'cli', 'db', 'worker', 'providers', 'filebrowser', 'workflows', 'bench']
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  )
  .filter((name) => /\.tsx?$/.test(name))
  .map((file) => ({ file, text: readFileSync(file, 'utf8') }))

/** What a file imports of this repository, as paths below its root. */
const imports = sources.flatMap(({ file, text }) =>
  [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)]
    .map(([, target = '']) => target)
    .filter((target) => /^[.~]/.test(target))
    .map((target) =>
      target.startsWith('~/') ? target.slice(2) : relative(root, resolve(join(root, dirname(file)), target)),
    )
    .map((target) => ({ file, target })),
)
const importing = (from: RegExp, target: RegExp) =>
  imports
    .filter((one) => from.test(one.file) && target.test(one.target))
    .map((one) => `${one.file} → ${one.target}`)
const naming = (word: RegExp) =>
  sources
    .filter(({ text }) => word.test(text))
    .map(({ file }) => file)
    .sort()

test('the search sees imports at all', () => {
  expect(importing(/^app\/trpc\//, /^db\//).length).toBeGreaterThan(5)
  expect(importing(/^worker\//, /^db\//).length).toBeGreaterThan(5)
})

test('routes and components reach neither the database nor the worker', () => {
  expect(importing(/^app\/(routes|components)\//, /^(db|worker)(\/|$)/)).toEqual([])
})

test('the web process takes nothing of the worker but the queue’s contract', () => {
  expect(importing(/^app\//, /^worker\/(?!queue$)/)).toEqual([])
})

test('the database knows neither web nor worker', () => {
  expect(importing(/^db\//, /^(app|worker)(\/|$)/)).toEqual([])
})

test('the worker knows nothing of the web, and the filebrowser shares its look alone', () => {
  expect(importing(/^worker\//, /^app(\/|$)/)).toEqual([])
  expect(importing(/^filebrowser\//, /^(app\/(?!components\/ui\/)|worker|db)(\/|$)?/)).toEqual([])
})

test('the command line takes nothing of the server but types, and the server nothing of it', () => {
  const taken = imports.filter(({ file, target }) => file.startsWith('cli/') && !target.startsWith('cli/'))
  expect([...new Set(taken.map(({ target }) => target))].sort()).toEqual([
    'app/trpc/router',
    'filebrowser/contract',
    'format-bytes',
    'log-text',
    'providers/registry',
    'relative-time',
    'scrub',
  ])
  const types = /^import type \{[^}]*\} from '[./]+(app\/trpc\/router|filebrowser\/contract)'$/gm
  const typed = sources
    .filter(({ file }) => file.startsWith('cli/'))
    .flatMap(({ text }) => text.match(types) ?? [])
  expect(taken.filter(({ target }) => /^(app|filebrowser)\//.test(target))).toHaveLength(typed.length)
  expect(importing(/^(app|db|worker|providers|filebrowser)\//, /^cli(\/|$)/)).toEqual([])
})

test('what asks issuers knows nothing of who asks', () => {
  expect(importing(/^providers\//, /^(app|db|worker|filebrowser)(\/|$)/)).toEqual([])
})

test('only two modules can open a sealed value, and only one of the worker opens tokens', () => {
  expect(naming(/\bunseal\b/)).toEqual(['db/installation.ts', 'db/provider-tokens.ts', 'db/sealing.ts'])
  expect(naming(/\bopenProviderTokens\b/)).toEqual(['db/provider-tokens.ts', 'worker/open-tokens.ts'])
})

test('fault 41: every transaction that can write is immediate, and only one module begins any', () => {
  expect(naming(/\.transaction\s*\(/)).toEqual(['db/open.ts'])
  expect(naming(/\bbegin\s+(transaction|deferred)\b|['"`]begin\b(?! immediate)/i)).toEqual([])
  expect(naming(/\bdrizzle-orm\/better-sqlite3\/migrator\b/)).toEqual([])
  expect(naming(/\bbetter-sqlite3\b/).filter((file) => !file.startsWith('db/'))).toEqual([])
})

test('nothing but the guarded moves of machines, saves, device grants and requests sets a status', () => {
  expect(naming(/\.set\(\{[^}]*\bstatus\b/)).toEqual([
    'db/cloud-save-work.ts',
    'db/device-grant-decisions.ts',
    'db/device-grant-redemption.ts',
    'db/machine-states.ts',
    'db/model-request-states.ts',
  ])
})

test('the environment is read where a process begins, and nowhere else', () => {
  const readers = naming(/\bprocess\.env\b/).filter((file) => !/^(bench|filebrowser)\//.test(file))
  expect(readers.filter((file) => !/(^|\/)(index|migrate|rotate-keys|sign-in-link)\.ts$/.test(file))).toEqual(
    [],
  )
})
