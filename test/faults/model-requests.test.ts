import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { startFakeHub } from '../fakes/hub'
import { bundled } from '../support/bundle'
import { SERVICE_SETTINGS } from '../support/service-settings'
import { until } from '../support/until'
import { requestSystem, standIn } from './request-system'

const FILE = 'base.safetensors'

test('a request whose worker is killed in every stage is finished by others, handed over once', async ({
  onTestFinished,
}) => {
  const hub = await startFakeHub({ repos: { 'open/model': { files: { [FILE]: randomBytes(50_000) } } } })
  onTestFinished(hub.close)
  hub.misbehave('stall')
  const source = `${hub.url}/open/model/resolve/main/${FILE}`
  const system = await requestSystem({ sources: [{ name: FILE, folder: 'models/checkpoints', source }] })
  const { admin, member, call, reach, has, row } = system
  const gate = `${system.folder}/go`
  const options = {
    comfyuiCommand: standIn({ holds: ['/object_info'] }, gate),
    filebrowserProgram: await bundled('filebrowser/index.ts'),
    forServices: { ...SERVICE_SETTINGS, huggingfaceEndpoint: hub.url, downloadHosts: hub.hosts },
  }
  let worker = await system.startWorker(options)
  const ids = [await call(admin), await call(member)]
  const misbehave = (faults: object) => Promise.all(ids.map((id) => system.misbehave(id, faults)))
  const killWorker = async () => {
    worker.signal('SIGKILL')
    await worker.ended
    system.leasesRunOut()
    worker = await system.startWorker(options)
  }

  for (const id of ids) {
    await until('its machine is on its way', () => row(id).machineId)
    await has(row(id).machineId ?? '', 'starting')
  }
  await killWorker()
  system.touch(gate)
  await reach('checking', ids)
  await killWorker()
  await misbehave({ holdNode: 'EmptyImage', holds: ['/view'] })
  await reach('downloading', ids)
  await until('both download', () => ids.every((id) => row(id).progress !== null))
  await killWorker()
  hub.misbehave(undefined)
  hub.storage.release()
  await until('both are accepted', () => ids.every((id) => row(id).acceptedAt))
  await killWorker()
  await Promise.all(ids.map(system.release))
  await reach('fetching', ids)
  await killWorker()
  await misbehave({})
  await system.ended(ids)
  expect(ids.map((id) => row(id).status)).toEqual(['completed', 'completed'])
  await system.expectSound()
})

test('killed while it hands a prompt over, it leaves one that was taken to be found, and fails one of which nobody knows', async () => {
  const system = await requestSystem()
  const { admin, member, call, reach, row } = system
  const options = { comfyuiCommand: standIn({ holds: ['/object_info'] }) }
  const worker = await system.startWorker(options)
  const ids = [await call(admin), await call(member)]
  const [taken = '', late = ''] = ids
  await reach('checking', ids)
  await system.misbehave(taken, { neverAnswers: true })
  await system.misbehave(late, { holds: ['/prompt'] })
  await reach('running', ids)
  await until('one is taken', () => system.accepted().length === 1)
  worker.signal('SIGKILL')
  await worker.ended
  system.leasesRunOut()
  await system.startWorker(options)
  await system.ended(ids)
  expect(row(taken)).toMatchObject({ status: 'completed' })
  expect(row(late)).toMatchObject({ status: 'failed', errorClass: 'outcome_unknown' })
  await system.expectSound()
})

test('of a ComfyUI that is killed only what it had fails, and what waits gets a machine anew', async () => {
  const system = await requestSystem()
  const { admin, member, call, row } = system
  await system.startWorker({ comfyuiCommand: standIn({ holdNode: 'EmptyImage' }) })
  const [lost, others, waiting] = [await call(admin), await call(member), await call(admin)]
  await until('both run', () => [lost, others].every((id) => row(id).acceptedAt))
  expect(row(waiting).status).toBe('in_queue')
  system.killComfyUi(lost)
  await system.ended([lost])
  expect(row(lost)).toMatchObject({ status: 'failed', errorClass: 'machine_lost' })
  await until('the next one runs', () => row(waiting).acceptedAt)
  expect(row(waiting).machineId).not.toBe(row(lost).machineId)
  await Promise.all([others, waiting].map(system.release))
  await system.ended([others, waiting])
  expect([others, waiting].map((id) => row(id).status)).toEqual(['completed', 'completed'])
  await system.expectSound()
})

test('a Redis that is killed, and comes back with nothing, costs no request that runs or waits', async () => {
  const system = await requestSystem()
  const { admin, member, call, row } = system
  await system.startWorker({ comfyuiCommand: standIn({ holdNode: 'EmptyImage' }) })
  const running = [await call(admin), await call(member)]
  await until('both run', () => running.every((id) => row(id).acceptedAt))
  const waiting = [await call(admin), await call(member)]
  await system.redis.kill()
  waiting.push(await call(admin))
  await system.redis.restart()
  await system.redis.command('FLUSHALL')
  await Promise.all(running.map(system.release))
  const ids = [...running, ...waiting]
  await system.ended(ids)
  expect(ids.map((id) => row(id).status)).toEqual(ids.map(() => 'completed'))
  await system.expectSound()
})

test('a worker that sleeps until others have taken over changes nothing on waking', async () => {
  const system = await requestSystem()
  const { admin, member, call, reach, row } = system
  const options = { comfyuiCommand: standIn({ holds: ['/object_info'] }) }
  const sleeper = await system.startWorker(options)
  const ids = [await call(admin), await call(member)]
  const [checking = '', running = ''] = ids
  await reach('checking', ids)
  await system.misbehave(running, { holdNode: 'EmptyImage' })
  await until('one runs', () => row(running).acceptedAt)
  await system.suspend(sleeper)
  // With this the sleeper's own question is answered too.
  await system.misbehave(checking, {})
  system.leasesRunOut()
  const worker = await system.startWorker(options)
  await system.release(running)
  await system.ended(ids)
  const before = ids.map(row)
  sleeper.signal('SIGCONT')
  await system.swept(sleeper)
  worker.signal('SIGTERM')
  expect(await worker.ended).toBe(0)
  const later = await call(member)
  await system.ended([later])
  expect(ids.map(row)).toEqual(before)
  expect([...ids, later].map((id) => row(id).status)).toEqual(Array(3).fill('completed'))
  await system.expectSound()
})
