import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findProgram } from '~/scripts/steps/path.mjs'
import { temporaryFolder } from '../support/temp-folder'

const UNITS = 'deploy/systemd'
const units = readdirSync(UNITS).map((name) => ({ name, text: readFileSync(join(UNITS, name), 'utf8') }))
const programs = units.flatMap(({ text }) => /^ExecStart=.* (\S+)$/m.exec(text)?.[1] ?? [])
const verifier = findProgram(['systemd-analyze'], process.env.PATH)

describe('the systemd units', () => {
  it('start programs that a build makes', () => {
    expect(programs.filter((path) => !existsSync(path))).toEqual([])
    expect(programs).toHaveLength(3)
  })

  it.skipIf(!verifier)('are understood by systemd', () => {
    const folder = temporaryFolder()
    onTestFinished(folder.remove)
    for (const { name, text } of units)
      writeFileSync(join(folder.path, name), text.replace('/usr/bin/node', process.execPath))
    const files = units.map(({ name }) => join(folder.path, name))
    // It ends with an error for what it can't start, and prints a line for what it doesn't know.
    const said = execFileSync('sh', ['-c', '"$0" verify --man=no "$@" 2>&1', verifier ?? '', ...files])
    expect(String(said)).toBe('')
  })

  it('let the worker and its machines write temporary files', () => {
    const worker = readFileSync(join(UNITS, 'slipway-worker.service'), 'utf8')
    const written = /^ReadWritePaths=(.*)$/m.exec(worker)?.[1]?.split(' ')
    expect(written).toEqual(expect.arrayContaining(['/var/lib/slipway', '/tmp', '/var/tmp']))
    // Its own /tmp would end with the worker, and machines go on.
    expect(worker).not.toMatch(/^PrivateTmp=yes$/m)
  })

  it('let machines go on when the worker stops', () => {
    expect(readFileSync(join(UNITS, 'slipway-worker.service'), 'utf8')).toMatch(/^KillMode=process$/m)
  })
})
