import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type Kept, keepRunning } from '~/scripts/steps/keep-running.mjs'
import { sendSignal } from '../support/send-signal'

let folder: string
let kept: Kept | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-keep-'))
})
afterEach(async () => {
  await kept?.stop('SIGKILL')
  rmSync(folder, { recursive: true })
  vi.restoreAllMocks()
})

/** Appends its pid to a file, then does what the script says. */
function start(script: string) {
  kept = keepRunning({
    name: 'test program',
    command: 'sh',
    args: ['-c', `echo $$ >>${folder}/pids; ${script}`],
  })
  return kept
}
const pids = () => {
  const lines = readFileSync(join(folder, 'pids'), 'utf8').match(/^\d+\n/gm)
  if (!lines) throw new Error('no program has written its pid yet')
  return lines.map(Number)
}
const statOf = (pid: number) => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { state, group: Number(group) }
}
const isAlive = (pid: number) => existsSync(`/proc/${pid}`) && statOf(pid).state !== 'Z'

it('reports a program that ends before it was trusted, and does not start it again', async () => {
  await expect(start('exit 3').failed).rejects.toThrow('test program ended while starting (code 3)')
  expect(pids()).toHaveLength(1)
})

it('reports a program that cannot be run', async () => {
  kept = keepRunning({ name: 'test program', command: join(folder, 'nothing'), args: [] })
  await expect(kept.failed).rejects.toThrow('ENOENT')
})

it('starts a trusted program again, and says so', async () => {
  const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  start('exec sleep 1000').trust()
  const [first] = await vi.waitFor(pids)
  sendSignal(first, 'SIGKILL')
  await vi.waitFor(() => expect(pids()).toHaveLength(2), { timeout: 10_000 })
  expect(printed.mock.calls.join('')).toContain('The test program ended unexpectedly (SIGKILL)')
})

it('runs a program in a process group of its own, out of reach of Ctrl-C', async () => {
  start('exec sleep 1000')
  const [pid = 0] = await vi.waitFor(pids)
  expect(statOf(pid).group).toBe(pid)
})

it('waits for a program that takes its time to stop, and leaves it stopped', async () => {
  const program = start(
    `trap 'kill $!; echo done >${folder}/done; exit 0' TERM; sleep 1000 & echo >${folder}/ready; wait`,
  )
  program.trust()
  await vi.waitFor(() => readFileSync(join(folder, 'ready')))
  await program.stop('SIGTERM')
  expect(readFileSync(join(folder, 'done'), 'utf8')).toBe('done\n')
  expect(pids().filter(isAlive)).toEqual([])
})

it('tells a program that ended in good order from one that the signal killed or that was gone', async () => {
  const obedient = start(`trap 'exit 0' INT; echo >${folder}/ready; while :; do sleep 0.01; done`)
  await vi.waitFor(() => readFileSync(join(folder, 'ready')))
  await expect(obedient.stop('SIGINT')).resolves.toBe(true)
  await expect(obedient.stop('SIGINT')).resolves.toBe(false)
  const deaf = start('exec sleep 1000')
  await vi.waitFor(() => expect(pids()).toHaveLength(2))
  await expect(deaf.stop('SIGINT')).resolves.toBe(false)
})

it('starts a program again on demand, once the old one has ended in good order', async () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const program = start(`trap 'echo done >>${folder}/done; exit 0' TERM; while :; do sleep 0.01; done`)
  program.trust()
  await vi.waitFor(pids)
  program.restart()
  program.restart()
  await vi.waitFor(() => expect(pids()).toHaveLength(2))
  expect(readFileSync(join(folder, 'done'), 'utf8')).toBe('done\n')
  expect(pids().map(isAlive)).toEqual([false, true])
})

it('kills the whole process group', async () => {
  const program = start(`sh -c 'echo $$ >>${folder}/pids; exec sleep 1000' & wait`)
  await vi.waitFor(() => expect(pids()).toHaveLength(2))
  program.kill()
  await vi.waitFor(() => expect(pids().filter(isAlive)).toEqual([]))
})
