import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { processRuntime } from '~/worker/runtimes/process/runtime'
import { bundled } from '../support/bundle'
import { comfyui } from '../support/fault-system'
import { isAlive, killProcess, labelledProcesses } from '../support/processes'
import { temporaryFolder } from '../support/temp-folder'
import { until } from '../support/until'
import { type Bench, conforms, failureOf, LOG_BYTES_MAX, never, planFor } from './conformance'
import { conformsWithWorkspaces } from './conformance-workspaces'

async function processBench() {
  const folder = temporaryFolder()
  const dataDir = folder.path
  const installationId = `test-${process.pid}-${Math.random().toString(36).slice(2)}`
  const filebrowserProgram = join(dataDir, 'filebrowser.mjs')
  writeFileSync(filebrowserProgram, `import '${process.cwd()}/test/support/programs/service.mjs'\n`)
  const program = await bundled('worker/logs/writer.ts')
  const processes = () => labelledProcesses(installationId)
  const killAll = () =>
    until('nothing is left', () => {
      const left = processes()
      for (const { pid } of left) killProcess(pid)
      return left.length === 0
    })
  onTestFinished(async () => {
    await killAll()
    folder.remove()
  })
  const open = (comfyuiCommand: string | undefined, startTimeoutMs = 10_000) =>
    processRuntime({
      dataDir,
      installationId,
      comfyuiCommand,
      trainerCommand: undefined,
      filebrowserProgram,
      startTimeoutMs,
      stopGraceMs: 1000,
      logs: { program, bytesMax: LOG_BYTES_MAX },
      environment: { ...process.env, LANG: 'C.UTF-8' },
    })
  const bench: Bench = {
    dataDir,
    open: async ({ comfyui: behaviour, startTimeoutMs } = {}) =>
      open(behaviour && comfyui(behaviour), startTimeoutMs),
    living: async () => processes(),
    async kill(service) {
      const pids = processes().filter((found) => found.service === service)
      for (const { pid } of pids) killProcess(pid)
      await until('it is gone', () => pids.every(({ pid }) => !isAlive(pid)))
    },
    publicText: async () =>
      processes()
        .map(({ arguments: words }) => words.join(' '))
        .join('\n'),
    ownVariables: ['HOME', 'HOST', 'PORT', 'PYTHONUNBUFFERED', 'WORKSPACE'].concat(
      ['ATTEMPT', 'INSTALLATION', 'MACHINE_ID', 'SERVICE'].map((name) => `SLIPWAY_${name}`),
    ),
    inherited: ['PATH', 'LANG', 'LC_ALL', 'TZ', 'LD_LIBRARY_PATH', 'SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'],
    async addForeign(machineId) {
      const labels = { SLIPWAY_INSTALLATION: 'another', SLIPWAY_MACHINE_ID: machineId, SLIPWAY_ATTEMPT: '1' }
      const env = { PATH: process.env.PATH, ...labels } as unknown as NodeJS.ProcessEnv
      const { pid = 0 } = spawn('sleep', ['600'], { detached: true, stdio: 'ignore', env })
      onTestFinished(() => killProcess(pid))
      return { isAlive: async () => isAlive(pid) }
    },
  }
  return { bench, dataDir, open, processes, killAll }
}

conforms('the process runtime', async () => (await processBench()).bench)
conformsWithWorkspaces('the process runtime', async () => (await processBench()).bench)

describe('the process runtime', () => {
  test('knows a command that does not exist', async () => {
    const { open } = await processBench()
    const runtime = open('no-such-command-anywhere --port $PORT')
    const failure = await failureOf(runtime.start(planFor(['comfyui']), never()))
    expect(failure.errorClass).toBe('command_not_found')
  })
})

describe('fault 51: a recorded pid is another process by now', () => {
  test('the machine counts as gone, and the stranger is not touched', async () => {
    const { open, dataDir, killAll } = await processBench()
    const runtime = open(comfyui('answers'))
    await runtime.start(planFor(['comfyui', 'filebrowser']), never())
    await killAll()
    const stranger = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
    const pid = stranger.pid ?? 0
    onTestFinished(() => killProcess(pid))
    const file = join(dataDir, 'run/machine/comfyui.json')
    mkdirSync(join(dataDir, 'run/machine'), { recursive: true })
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), pid }))
    expect(await runtime.list()).toMatchObject([{ machineId: 'machine', attempt: 1, services: [] }])
    await runtime.stop('machine')
    expect(isAlive(pid)).toBe(true)
    expect(await runtime.list()).toEqual([])
  })

  test('so is one with the right start in another boot', async () => {
    const { open, dataDir, processes } = await processBench()
    const runtime = open(comfyui('answers'))
    await runtime.start(planFor(['comfyui', 'filebrowser']), never())
    const [service] = processes().filter(({ service }) => service === 'filebrowser')
    const file = join(dataDir, 'run/machine/filebrowser.json')
    const record = JSON.parse(readFileSync(file, 'utf8'))
    expect(record.pid).toBe(service?.pid)
    writeFileSync(file, JSON.stringify({ ...record, bootId: 'another-boot' }))
    expect(await runtime.list()).toMatchObject([{ machineId: 'machine', attempt: 1, services: ['comfyui'] }])
  })
})
