import { randomBytes } from 'node:crypto'
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bundled } from '../support/bundle'
import { comfyui, type FaultSystem, faultSystem } from '../support/fault-system'
import { startProgram } from '../support/start-program'

/** The worker as `npm start` runs it, but for the filebrowser that it finds in its build folder. */
async function startReal(system: FaultSystem, settings: Record<string, string> = {}) {
  const cwd = join(system.folder, 'program')
  mkdirSync(join(cwd, 'build/filebrowser'), { recursive: true })
  mkdirSync(join(cwd, 'build/worker'), { recursive: true })
  mkdirSync(join(cwd, 'db'), { recursive: true })
  symlinkSync(join(process.cwd(), 'db/migrations'), join(cwd, 'db/migrations'))
  symlinkSync(join(process.cwd(), 'config'), join(cwd, 'config'))
  const service = join(process.cwd(), 'test/support/programs/service.mjs')
  writeFileSync(join(cwd, 'build/filebrowser/index.js'), `import(${JSON.stringify(service)})\n`)
  copyFileSync(await bundled('worker/logs/writer.ts'), join(cwd, 'build/worker/log-writer.js'))
  const env = { PATH: process.env.PATH, DATA_DIR: system.dataDir, REDIS_URL: system.redis.url, ...settings }
  const worker = await startProgram(await bundled('worker/index.ts'), {
    env,
    cwd,
    readyLine: /worker is ready/,
  })
  system.own(worker)
  return worker
}

describe('the worker program', () => {
  test('told to end while it launches ends well, gives the launch back and leaves what runs', async () => {
    const system = await faultSystem()
    const worker = await startReal(system, { COMFYUI_COMMAND: comfyui('never-answers') })
    const { machineId } = await system.launch()
    const { pid } = await system.startedService(machineId, 'comfyui')
    worker.signal('SIGTERM')
    expect(await worker.ended).toBe(0)
    expect(system.machine(machineId)).toMatchObject({ status: 'starting', leaseUntil: 0 })
    expect(system.processes().map((found) => found.pid)).toContain(pid)
  })

  test('interrupted at its terminal ends its machines with it', async () => {
    const system = await faultSystem()
    const worker = await startReal(system)
    const { machineId } = await system.launch()
    await system.has(machineId, 'running')
    worker.signal('SIGINT')
    expect(await worker.ended).toBe(0)
    expect(system.machine(machineId).status).toBe('stopped')
    await system.expectHealthy()
  })

  test('ends well while Redis is away, without waiting for it', { timeout: 15_000 }, async () => {
    const system = await faultSystem()
    const worker = await startReal(system)
    await system.redis.kill()
    worker.signal('SIGTERM')
    expect(await worker.ended).toBe(0)
  })

  test('with another installation’s keys says so and does not start', async () => {
    const system = await faultSystem()
    const TOKEN_KEYS = randomBytes(32).toString('base64')
    const starting = startReal(system, { TOKEN_KEYS })
    await expect(starting).rejects.toThrow("These token keys don't open this database.")
    await expect(starting).rejects.not.toThrow(TOKEN_KEYS)
  })

  test('with a database of another version says so and does not start', async () => {
    const system = await faultSystem()
    system.db.$client.exec('delete from __drizzle_migrations')
    await expect(startReal(system)).rejects.toThrow('The database schema is not of this version.')
  })
})
