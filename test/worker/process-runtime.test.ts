import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { LaunchError } from '~/worker/launch-errors'
import { processRuntime } from '~/worker/runtimes/process/runtime'
import { comfyui } from '../support/fault-system'
import { isAlive, killProcess, labelledProcesses } from '../support/processes'
import { temporaryFolder } from '../support/temp-folder'
import { until } from '../support/until'

const TOKEN = 'hf_CANARYruntime0123456789'
const never = () => new AbortController().signal

function testRuntime(comfyuiCommand: string | undefined) {
  const folder = temporaryFolder()
  const dataDir = folder.path
  const installationId = `test-${process.pid}-${Math.random().toString(36).slice(2)}`
  const filebrowserProgram = join(dataDir, 'filebrowser.mjs')
  writeFileSync(filebrowserProgram, `import '${process.cwd()}/test/support/programs/service.mjs'\n`)
  onTestFinished(async () => {
    await until('nothing is left', () => {
      const left = labelledProcesses(installationId)
      for (const { pid } of left) killProcess(pid)
      return left.length === 0
    })
    folder.remove()
  })
  const environment = { ...process.env, TOKEN_KEYS: 'CANARYkeys', REDIS_URL: 'CANARYredis', LANG: 'C.UTF-8' }
  const runtime = processRuntime({
    dataDir,
    installationId,
    comfyuiCommand,
    trainerCommand: undefined,
    filebrowserProgram,
    startTimeoutMs: 10_000,
    stopGraceMs: 1000,
    environment,
  })
  const plan = (attempt = 1) => ({
    machineId: 'machine',
    attempt,
    workspaceId: 'workspace',
    snapshot: [
      { service: 'comfyui' as const, env: { HF_TOKEN: TOKEN } },
      { service: 'filebrowser' as const, env: { HF_TOKEN: TOKEN } },
    ],
    secrets: [TOKEN],
    stillMine: () => true,
    report: () => undefined,
  })
  return { dataDir, installationId, runtime, plan, processes: () => labelledProcesses(installationId) }
}

describe('the process runtime', () => {
  test('gives a service the snapshot, what it needs to run, and nothing else of the server', async () => {
    const { runtime, plan, dataDir } = testRuntime(comfyui('answers'))
    const services = await runtime.start(plan(), never())
    const address = services.find(({ name }) => name === 'filebrowser')?.address ?? ''
    const env = (await (await fetch(address)).json()) as Record<string, string>
    const inherited = [
      'PATH',
      'LANG',
      'LC_ALL',
      'TZ',
      'LD_LIBRARY_PATH',
      'SSL_CERT_FILE',
      'NODE_EXTRA_CA_CERTS',
    ]
    expect(
      Object.keys(env)
        .filter((name) => !inherited.includes(name))
        .sort(),
    ).toEqual(
      ['HF_TOKEN', 'HOME', 'HOST', 'PORT', 'WORKSPACE']
        .concat(['ATTEMPT', 'INSTALLATION', 'MACHINE_ID', 'SERVICE'].map((name) => `SLIPWAY_${name}`))
        .sort(),
    )
    expect(env).toMatchObject({
      HF_TOKEN: TOKEN,
      HOST: '127.0.0.1',
      WORKSPACE: join(dataDir, 'workspaces/workspace'),
    })
    expect(JSON.stringify(env)).not.toContain('CANARYkeys')
    for (const { arguments: words } of labelledProcesses(env.SLIPWAY_INSTALLATION ?? ''))
      expect(words.join(' ')).not.toContain(TOKEN)
  })

  test('started by several workers at once starts one process for each service', async () => {
    const { runtime, plan, processes } = testRuntime(comfyui('answers'))
    const starts = await Promise.all([1, 2, 3].map(() => runtime.start(plan(), never())))
    expect(new Set(starts.map((services) => JSON.stringify(services))).size).toBe(1)
    expect(await runtime.start(plan(), never())).toEqual(starts[0])
    await until('the spare ones are gone', () => processes().length === 2)
  })

  test('says what a service printed before it ended, without the token', async () => {
    const { runtime, plan, dataDir } = testRuntime(comfyui('exits-at-once'))
    const failure: LaunchError = await runtime.start(plan(), never()).catch((error) => error)
    expect(failure.errorClass).toBe('service_exited')
    expect(failure.detail).toContain('This is all I know')
    expect(failure.detail).not.toContain(TOKEN)
    expect(readFileSync(join(dataDir, 'machines/machine/comfyui.1.log'), 'utf8')).toContain(
      'This is all I know',
    )
  })

  test('knows a command that does not exist', async () => {
    const { runtime, plan } = testRuntime('no-such-command-anywhere --port $PORT')
    const failure: LaunchError = await runtime.start(plan(), never()).catch((error) => error)
    expect(failure.errorClass).toBe('command_not_found')
  })

  test('spawns nothing more once one service of the machine has failed', async () => {
    const { runtime, plan, processes } = testRuntime(undefined)
    await expect(runtime.start(plan(1), never())).rejects.toThrow('has no command for comfyui')
    await runtime.stop('machine')
    const [, filebrowser] = plan().snapshot
    const later = { ...plan(), machineId: 'later', snapshot: filebrowser ? [filebrowser] : [] }
    await runtime.start(later, never())
    expect(processes()).toMatchObject([{ machineId: 'later' }])
  })

  test('spawns nothing for a worker that has lost its lease', async () => {
    const { runtime, plan, processes } = testRuntime(comfyui('answers'))
    await expect(runtime.start({ ...plan(), stillMine: () => false }, never())).rejects.toThrow()
    expect(processes()).toEqual([])
  })

  test('ends an earlier attempt before it starts the next', async () => {
    const { runtime, plan, processes } = testRuntime(comfyui('answers'))
    await runtime.start(plan(1), never())
    await runtime.start(plan(2), never())
    expect(processes().map(({ attempt }) => attempt)).toEqual([2, 2])
    expect(await runtime.list()).toMatchObject([{ machineId: 'machine', attempt: 2 }])
  })
})

describe('fault 51: a recorded pid is another process by now', () => {
  test('the machine counts as gone, and the stranger is not touched', async () => {
    const { runtime, plan, dataDir, processes } = testRuntime(comfyui('answers'))
    await runtime.start(plan(), never())
    for (const { pid } of processes()) killProcess(pid)
    await until('they are gone', () => processes().length === 0)
    const stranger = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
    const pid = stranger.pid ?? 0
    onTestFinished(() => killProcess(pid))
    const file = join(dataDir, 'run/machine/comfyui.json')
    mkdirSync(join(dataDir, 'run/machine'), { recursive: true })
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), pid }))
    expect(await runtime.list()).toEqual([{ machineId: 'machine', attempt: 1, services: [] }])
    await runtime.stop('machine')
    expect(isAlive(pid)).toBe(true)
    expect(await runtime.list()).toEqual([])
  })

  test('so is one with the right start in another boot', async () => {
    const { runtime, plan, dataDir, processes } = testRuntime(comfyui('answers'))
    await runtime.start(plan(), never())
    const [service] = processes().filter(({ service }) => service === 'filebrowser')
    const file = join(dataDir, 'run/machine/filebrowser.json')
    const record = JSON.parse(readFileSync(file, 'utf8'))
    expect(record.pid).toBe(service?.pid)
    writeFileSync(file, JSON.stringify({ ...record, bootId: 'another-boot' }))
    expect(await runtime.list()).toEqual([{ machineId: 'machine', attempt: 1, services: ['comfyui'] }])
  })
})
