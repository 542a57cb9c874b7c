import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkNode, matchesLockFile } from '~/scripts/steps/dependencies.mjs'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'slipway-dependencies-'))
  mkdirSync(join(root, 'node_modules'))
})
afterEach(() => rmSync(root, { recursive: true }))

type Packages = Record<string, { version: string; optional?: boolean }>
function write(file: string, packages: Packages) {
  writeFileSync(join(root, file), JSON.stringify({ packages }))
}

describe('dependencies are installed', () => {
  const wanted = {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/for-another-system': { version: '1.0.0', optional: true },
  }

  it.each<[string, Packages | undefined, boolean]>([
    ['not again when all of the lock file is there', { 'node_modules/a': { version: '1.0.0' } }, true],
    ['when a version differs', { 'node_modules/a': { version: '1.0.1' } }, false],
    ['when one is missing', {}, false],
    ['when an installation never came to its end', undefined, false],
  ])('%s', (_, present, matches) => {
    write('package-lock.json', wanted)
    if (present) write('node_modules/.package-lock.json', present)
    expect(matchesLockFile(root)).toBe(matches)
  })
})

it('locks the packages of every system, as npm ci refuses a lock file that lacks some', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  const missing = Object.entries<{ optionalDependencies?: object }>(packages).flatMap(
    ([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
      ),
  )
  expect(missing).toEqual([])
})

describe('Node', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '24.1.0'])('%s will do', (version) => {
    expect(() => checkNode(version)).not.toThrow()
  })

  it.each(['18.20.0', '20.9.0', '20.18.3'])('%s is refused with the version that is needed', (version) => {
    expect(() => checkNode(version)).toThrow(`Slipway needs Node 20.19 or newer, and this is ${version}`)
  })
})
