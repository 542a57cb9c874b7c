import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { tryLock, withLock } from '~/scripts/steps/lock.mjs'

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-lock-'))
  file = join(folder, 'lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

it('has one holder at a time, and names it to others', () => {
  const lock = tryLock(file)
  expect(tryLock(file)).toEqual({ heldBy: process.pid })
  if ('release' in lock) lock.release()
  expect(tryLock(file)).toHaveProperty('release')
})

it('ends with a holder that was killed', async () => {
  const module = join(process.cwd(), 'scripts/steps/lock.mjs')
  const script = `import('${module}').then(({ tryLock }) => { tryLock('${file}'); console.log('held'); setInterval(() => {}, 1e6) })`
  const holder = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(holder.stdout, 'data')
  expect(tryLock(file)).toEqual({ heldBy: holder.pid })
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  expect(tryLock(file)).toHaveProperty('release')
})

it('is not kept by a process that only has the number of its dead holder', () => {
  writeFileSync(file, `${process.pid} 1`)
  expect(tryLock(file)).toHaveProperty('release')
})

it('lets waiting work run one after the other, and is free after a failure', async () => {
  const order: string[] = []
  const work = (name: string) => async () => {
    order.push(`${name} in`)
    await new Promise(setImmediate)
    order.push(`${name} out`)
  }
  const waited: number[] = []
  const onWait = (pid: number) => waited.push(pid)
  await Promise.all([withLock(file, { onWait }, work('a')), withLock(file, { onWait }, work('b'))])
  expect(order).toEqual(['a in', 'a out', 'b in', 'b out'])
  expect(waited).toEqual([process.pid])
  const failing = withLock(file, { onWait }, async () => {
    expect(readFileSync(file, 'utf8')).toContain(String(process.pid))
    throw new Error('broken')
  })
  await expect(failing).rejects.toThrow('broken')
  expect(existsSync(file)).toBe(false)
})
