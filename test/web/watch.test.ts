import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { addMachineEvent } from '~/db/machine-events'
import { markRunning } from '~/db/machine-outcomes'
import { launchMachine, stopMachine } from '~/db/machine-requests'
import { openDb } from '~/db/open'
import { SOMEBODY } from '../support/actors'
import { until } from '../support/until'
import { follow } from './events'
import { type Site, startSite } from './site'
import { inputQuery } from './visitor'

/** The database as the worker has it: open a second time. */
function elsewhere({ dataDir }: Site) {
  const db = openDb(join(dataDir, 'slipway.db'))
  onTestFinished(() => void db.$client.close())
  return db
}

describe('watching a machine', () => {
  it('tells how it is, and every change that another process makes', async () => {
    const site = await startSite()
    const { admin, clock, signedIn, runMachine } = site
    const id = runMachine(admin)
    const stream = await follow(signedIn(admin), 'machines.watch', { id })
    expect((await stream.next()).data).toMatchObject({ id, status: 'running' })
    stopMachine(elsewhere(site), admin.id, id, SOMEBODY, clock)
    expect((await stream.next()).data).toMatchObject({ id, status: 'stopping' })
  })

  it('has whoever hears nothing for a while come again', async () => {
    const site = await startSite()
    const { admin, signedIn, runMachine } = site
    const path = `/trpc/machines.watch${inputQuery({ id: runMachine(admin) })}`
    const { body } = await signedIn(admin).stream(path)
    for await (const first of body) {
      expect(String(first)).toMatch(/^event: connected\ndata: \{"reconnectAfterInactivityMs":45000\}/)
      break
    }
  })

  it('ends with the last change, also when that comes while the one before is being read', async () => {
    const site = await startSite()
    const { admin, clock, signedIn, db, claimMachine } = site
    const claim = claimMachine(admin)
    const other = elsewhere(site)
    const { prepare } = db.$client
    Object.assign(db.$client, {
      prepare(source: string) {
        // The machine has been read, and what hangs on it is about to be.
        if (source.includes('from "machine_services"')) markRunning(other, claim, [], clock)
        return prepare.call(db.$client, source)
      },
    })
    const stream = await follow(signedIn(admin), 'machines.watch', { id: claim.machineId })
    expect((await stream.next()).data).toMatchObject({ status: 'starting' })
    expect((await stream.next()).data).toMatchObject({ status: 'running' })
  })

  it('numbers what it tells by the timeline', async () => {
    const site = await startSite()
    const { admin, clock, signedIn, runMachine } = site
    const id = runMachine(admin)
    const stream = await follow(signedIn(admin), 'machines.watch', { id })
    const first = await stream.next()
    addMachineEvent(elsewhere(site), id, 'Something', clock())
    const second = await stream.next()
    expect(Number(second.id)).toBe(Number(first.id) + 1)
  })

  it('is not woken by another machine, nor by another user', async () => {
    const site = await startSite()
    const { admin, member, clock, signedIn, runMachine } = site
    const [id, other] = [runMachine(admin), runMachine(admin)]
    const stream = await follow(signedIn(admin), 'machines.watch', { id })
    await stream.next()
    const db = elsewhere(site)
    addMachineEvent(db, other, 'Of another machine', clock())
    launchMachine(db, { userId: member.id, kind: 'comfyui', name: 'Not for Ada' }, SOMEBODY, clock)
    stopMachine(db, admin.id, id, SOMEBODY, clock)
    expect((await stream.next()).data).toMatchObject({ id, status: 'stopping' })
  })
})

it('watching the list tells of new machines of one’s own only', async () => {
  const site = await startSite()
  const { admin, member, clock, signedIn } = site
  const stream = await follow(signedIn(admin), 'machines.watchList')
  expect((await stream.next()).data).toEqual([])
  const db = elsewhere(site)
  launchMachine(db, { userId: member.id, kind: 'comfyui', name: 'Not for Ada' }, SOMEBODY, clock)
  launchMachine(db, { userId: admin.id, kind: 'comfyui', name: 'Studio' }, SOMEBODY, clock)
  expect((await stream.next()).data).toMatchObject([{ name: 'Studio' }])
})

it('a change reaches every one of 20 watchers', async () => {
  const site = await startSite()
  const { admin, clock, signedIn, runMachine } = site
  const id = runMachine(admin)
  const streams = await Promise.all(
    Array.from({ length: 20 }, () => follow(signedIn(admin), 'machines.watch', { id })),
  )
  await Promise.all(streams.map((stream) => stream.next()))
  stopMachine(elsewhere(site), admin.id, id, SOMEBODY, clock)
  for (const stream of streams) expect((await stream.next()).data).toMatchObject({ status: 'stopping' })
})

it('a watcher that leaves is forgotten, and looking ends with the last', async () => {
  const site = await startSite()
  const { admin, signedIn, runMachine } = site
  let stops = 0
  const { onChange } = site.services.changes
  site.services.changes.onChange = (...parts) => {
    const stop = onChange.apply(site.services.changes, parts)
    return () => {
      stops++
      stop()
    }
  }
  const id = runMachine(admin)
  const streams = [
    await follow(signedIn(admin), 'machines.watch', { id }),
    await follow(signedIn(admin), 'machines.watchList'),
  ]
  for (const stream of streams) await stream.next()
  for (const stream of streams) stream.leave()
  await until('both have stopped listening', () => stops === 2)
})
