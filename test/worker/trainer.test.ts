import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { saveProviderToken } from '~/db/provider-tokens'
import { launchError } from '~/launch-errors'
import { SOMEBODY } from '../support/actors'
import { comfyui, faultSystem } from '../support/fault-system'

async function withBothTokens() {
  const system = await faultSystem()
  const deps = { ...system, clock: Date.now }
  saveProviderToken(deps, system.admin.id, 'huggingface', 'hf_CANARYtrainer', SOMEBODY)
  saveProviderToken(deps, system.admin.id, 'civitai', 'CANARYcivitai', SOMEBODY)
  return system
}

test('a trainer that runs has the Hugging Face token in its environment, and nothing of Civitai', async () => {
  const system = await withBothTokens()
  await system.startWorker({ trainerCommand: comfyui('answers'), comfyuiCommand: comfyui('answers') })
  const { machineId } = await system.launch('trainer')
  await system.has(machineId, 'running')
  await system.expectHealthy(['trainer'])
  const { pid } = await system.startedService(machineId, 'trainer')
  const environ = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  for (const name of ['HUGGINGFACE_TOKENS', 'HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN'])
    expect(environ).toContain(`${name}=hf_CANARYtrainer`)
  expect(environ.filter((line) => /civitai/i.test(line))).toEqual([])
  const { kind, services, tokens, missingTokens } = system.details(machineId)
  expect(services.map(({ name }) => name)).toEqual(['trainer'])
  expect([kind, tokens.map(({ provider }) => provider), missingTokens]).toEqual([
    'trainer',
    ['huggingface'],
    [],
  ])
  await system.stop(machineId)
  await system.has(machineId, 'stopped')
  await system.expectHealthy()
})

test('a trainer without a command fails and says whose business that is, instead of running empty', async () => {
  const system = await withBothTokens()
  await system.startWorker({ comfyuiCommand: comfyui('answers') })
  const { machineId } = await system.launch('trainer')
  await system.has(machineId, 'failed')
  expect(system.details(machineId).error?.class).toBe('not_set_up')
  expect(launchError('not_set_up')).toMatchObject({
    cure: expect.stringContaining('your administrator'),
    adminCure: expect.stringContaining('TRAINER_COMMAND'),
  })
  await system.expectHealthy()
})
