import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findSave } from '~/db/cloud-save-work'
import { createCloudSave } from '~/db/cloud-saves'
import { launchMachine } from '~/db/machine-requests'
import { SOMEBODY } from '../support/actors'
import { type FaultSystem, faultSystem } from '../support/fault-system'
import { until } from '../support/until'

const CONTENT = randomBytes(3e6)

/** A machine that a worker has started and stopped, with a file too large for one piece. */
async function withFiles(system: FaultSystem) {
  const worker = await system.startWorker()
  const { machineId } = await system.launch()
  await system.has(machineId, 'running')
  const { workspaceId } = system.machine(machineId)
  writeFileSync(join(system.dataDir, 'workspaces', workspaceId, 'large'), CONTENT)
  worker.signal('SIGTERM')
  await worker.ended
  return machineId
}

const request = (system: FaultSystem, machineId: string) => {
  const given = { userId: system.admin.id, machineId }
  return createCloudSave(system.db, given, SOMEBODY, Date.now).id
}

const saved = (system: FaultSystem, id: string) =>
  until('it is saved', () => {
    const row = findSave(system.db, id)
    return row?.status === 'saved' && row
  })

const archives = ({ dataDir, admin }: FaultSystem) => readdirSync(join(dataDir, 'saves', admin.id))

describe('a worker is killed while it saves', () => {
  test('nothing looks whole, the next worker saves from the beginning, and no part stays', async () => {
    const system = await faultSystem()
    const id = request(system, await withFiles(system))
    const doomed = await system.startWorker({ fault: { at: 'while-saving', signal: 'SIGKILL' } })
    expect(await doomed.ended).toBe('SIGKILL')
    expect(findSave(system.db, id)).toMatchObject({ status: 'saving', bytes: null, sha256: null })
    expect(archives(system)).toEqual([`${id}.1.part`])
    await system.startWorker()
    expect(await saved(system, id)).toMatchObject({ tries: 2, bytesTotal: CONTENT.length })
    await until('the part is gone', () => archives(system).length === 1)
    expect(archives(system)).toEqual([`${id}.2.tar.gz`])
  })
})

describe('a worker is killed while it restores', () => {
  test('no service sees half a workspace, and the next worker restores all of it', async () => {
    const system = await faultSystem()
    const id = request(system, await withFiles(system))
    const helper = await system.startWorker()
    await saved(system, id)
    helper.signal('SIGTERM')
    await helper.ended
    const { machineId } = launchMachine(
      system.db,
      { userId: system.admin.id, kind: 'comfyui', name: 'Two', saveId: id },
      SOMEBODY,
      Date.now,
    )
    const { workspaceId } = system.machine(machineId)
    const workspace = join(system.dataDir, 'workspaces', workspaceId)
    const doomed = await system.startWorker({ fault: { at: 'while-restoring', signal: 'SIGKILL' } })
    expect(await doomed.ended).toBe('SIGKILL')
    expect(existsSync(workspace)).toBe(false)
    expect(system.processes().filter((found) => found.machineId === machineId)).toEqual([])
    await system.startWorker()
    await system.has(machineId, 'running')
    expect(readFileSync(join(workspace, 'large')).equals(CONTENT)).toBe(true)
    const names = () => readdirSync(join(system.dataDir, 'workspaces'))
    expect(names().filter((name) => name.endsWith('.part'))).toEqual([])
  })
})
