import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findSave } from '~/db/cloud-save-work'
import { createCloudSave } from '~/db/cloud-saves'
import { launchMachine } from '~/db/machine-requests'
import { findMachine } from '~/db/machine-states'
import { openDb } from '~/db/open'
import { saveProviderToken } from '~/db/provider-tokens'
import { LAUNCH_ERRORS } from '~/launch-errors'
import { SOMEBODY } from '../support/actors'
import { startApp } from '../support/app'
import { faultSystem } from '../support/fault-system'
import { until } from '../support/until'
import { backup, restore, TOKEN } from './site'

const CONTENT = randomBytes(100_000)

test('fault 103: what was backed up while it ran starts elsewhere: sign in, see what happened, launch from a save with the saved token', async () => {
  const system = await faultSystem()
  const { db, admin, dataDir, folder } = system
  saveProviderToken({ ...system, clock: Date.now }, admin.id, 'huggingface', TOKEN, SOMEBODY)
  await system.startWorker()
  const { machineId } = await system.launch()
  await system.has(machineId, 'running')
  const { workspaceId } = system.machine(machineId)
  writeFileSync(join(dataDir, 'workspaces', workspaceId, 'work'), CONTENT)
  const save = createCloudSave(db, { userId: admin.id, machineId }, SOMEBODY, Date.now)
  await until('it is saved', () => findSave(db, save.id)?.status === 'saved')
  const [tar, elsewhere] = [join(folder, 'one.tar'), join(folder, 'elsewhere')]
  await backup(dataDir, tar)
  await restore(elsewhere, tar, { keysFile: join(dataDir, 'token-keys') })

  const app = await startApp({ DATA_DIR: elsewhere })
  onTestFinished(app.stop)
  const cookie = await app.signIn()
  const page = await fetch(`${app.url}/machines/${machineId}`, { headers: { cookie } })
  expect(await page.text()).toContain(LAUNCH_ERRORS.restored.message)

  const restored = openDb(join(elsewhere, 'slipway.db'))
  onTestFinished(() => void restored.$client.close())
  const given = { userId: admin.id, kind: 'comfyui', name: 'Again', saveId: save.id } as const
  const again = launchMachine(restored, given, SOMEBODY, Date.now)
  await until('it runs', () => findMachine(restored, again.machineId)?.status === 'running')
  const workspace = findMachine(restored, again.machineId)?.workspaceId ?? ''
  expect(readFileSync(join(elsewhere, 'workspaces', workspace, 'work')).equals(CONTENT)).toBe(true)
  const [service] = app.processesOf(again.machineId)
  expect(readFileSync(`/proc/${service?.pid}/environ`, 'utf8')).toContain(TOKEN)
  expect(app.processesOf(machineId)).toEqual([])
  // The original goes on as if nothing had happened.
  expect(system.machine(machineId).status).toBe('running')
  expect(system.processes().filter((found) => found.machineId === machineId)).not.toEqual([])
}, 60_000)
