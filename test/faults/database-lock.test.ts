import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { listProviderTokens, saveProviderToken } from '~/db/provider-tokens'
import { SOMEBODY } from '../support/actors'
import { comfyui, faultSystem } from '../support/fault-system'

const LOCKED_FOR_MS = 3000

describe('fault 40: another process locks the database for longer than a statement waits', () => {
  test('a launch that is under way ends up running, as the process that was started first', async () => {
    const system = await faultSystem()
    const gate = `${system.folder}/go`
    await system.startWorker({ comfyuiCommand: comfyui('waits-for', gate) })
    const { machineId } = await system.launch()
    const { pid } = await system.startedService(machineId, 'comfyui')
    const release = lock(system.dataDir)
    system.touch(gate)
    await pause(LOCKED_FOR_MS)
    release()
    await system.has(machineId, 'running')
    await system.expectHealthy(['comfyui', 'filebrowser'])
    expect(system.starts(machineId, 'comfyui')).toBe(1)
    expect(system.processes().map((found) => found.pid)).toContain(pid)
  })

  test('a request is refused, and nothing of it is written', async () => {
    const system = await faultSystem()
    const { db, installation, admin } = system
    const release = lock(system.dataDir)
    const save = () =>
      saveProviderToken(
        { db, installation, clock: Date.now },
        admin.id,
        'huggingface',
        'hf_CANARYlocked',
        SOMEBODY,
      )
    expect(save).toThrow('database is locked')
    release()
    expect(listProviderTokens(db, admin.id)).toEqual([])
    save()
    expect(listProviderTokens(db, admin.id)).toHaveLength(1)
  })
})

/** @returns how to let go */
function lock(dataDir: string): () => void {
  const other = new Database(`${dataDir}/slipway.db`)
  other.exec('BEGIN IMMEDIATE')
  return () => {
    other.exec('ROLLBACK')
    other.close()
  }
}
