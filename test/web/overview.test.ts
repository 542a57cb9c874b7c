import { expect, it } from 'vitest'
import { retryLaunch } from '~/db/launch-retries'
import { relaunchMachine } from '~/db/machine-relaunch'
import { diskUsage } from '~/db/schema'
import { beat } from '~/db/workers'
import { SOMEBODY } from '../support/actors'
import { beating } from '../support/beat'
import { startSite } from './site'
import { dataOf } from './visitor'

interface Overview {
  machines: Record<string, number>
  failures: { count: number; waiting: number }
  workers: Record<string, number>
  redis: object | null
  database: { bytes: number; schemaVersion: number }
  disk: { freeBytes: number; totalBytes: number; usersBytes: number }
  attention: string[]
}

async function overviewSite(options: Parameters<typeof startSite>[0] = {}) {
  const site = await startSite(options)
  const boss = site.signedIn(site.admin)
  return { ...site, boss, overview: async () => dataOf<Overview>(await boss.query('admin.overview')) }
}

it('the overview counts what lives, and what failed in the last 24 hours', async () => {
  const site = await overviewSite()
  const { overview, boss, admin, member, clock, db, runMachine, claimMachine, failMachine } = site
  /** Where the figure leads. */
  const ofToday = async () => {
    expect((await boss.get('/admin')).text).toContain('href="/admin/failed-launches?within=24h"')
    const page = dataOf<{ launches: { machineId: string }[] }>(
      await boss.query('admin.failedLaunches', { within: '24h' }),
    )
    return page.launches.map(({ machineId }) => machineId)
  }
  failMachine(member)
  clock.advance(25 * 60 * 60_000)
  runMachine(admin)
  runMachine(member)
  claimMachine(member)
  const relaunched = failMachine(member)
  relaunchMachine(db, member.id, relaunched, SOMEBODY, clock)
  const failed = failMachine(member)
  expect(await overview()).toMatchObject({
    machines: { running: 2, starting: 1, queued: 1, stopping: 0 },
    failures: { count: 2, waiting: 1 },
  })
  expect((await overview()).attention).toContain('failures')
  expect(await ofToday()).toEqual([failed])
  retryLaunch(db, failed, SOMEBODY, clock)
  expect((await overview()).failures).toEqual({ count: 1, waiting: 0 })
  expect(await ofToday()).toEqual([])
  expect((await overview()).attention).not.toContain('failures')
})

it('the overview says first what keeps machines from launching, each with its cure', async () => {
  const { overview, boss, db, clock, services } = await overviewSite({
    queue: {
      add: async () => false,
      faults: async () => ['redis'],
      use: async () => undefined,
      close: async () => undefined,
    },
  })
  expect(await overview()).toMatchObject({
    redis: null,
    attention: expect.arrayContaining(['no_worker', 'redis']),
  })
  const { text } = await boss.get('/admin')
  for (const said of ['No worker runs', 'npm start does', 'Redis does not answer', 'REDIS_URL leads to it'])
    expect(text).toContain(said)
  const begin = clock()
  const keyring = services.installation.keyring()
  beat(db, beating('one', begin), keyring, clock)
  clock.advance(31_000)
  beat(db, beating('one', begin), keyring, clock)
  expect(await overview()).toMatchObject({ workers: { working: 0, silent: 1, gone: 0 } })
  expect((await overview()).attention[0]).toBe('silent_workers')
  beat(db, beating('one', clock()), keyring, clock)
  expect((await overview()).attention[0]).toBe('redis')
})

it('the overview says what the database and users’ files take, and what is free', async () => {
  const { overview, db, admin, member } = await overviewSite({
    queue: {
      add: async () => true,
      faults: async () => [],
      use: async () => ({ usedBytes: 5e6, limitBytes: null, answeredMs: 1 }),
      close: async () => undefined,
    },
  })
  for (const { id } of [admin, member])
    db.insert(diskUsage).values({ userId: id, dueAt: 0, workspaces: 1e9, models: 5e8 }).run()
  const { disk, database, redis } = await overview()
  expect(disk.usersBytes).toBe(3e9)
  expect(disk.totalBytes).toBeGreaterThan(disk.freeBytes)
  expect(database).toMatchObject({ bytes: expect.any(Number), schemaVersion: expect.any(Number) })
  expect(database.bytes).toBeGreaterThan(4096)
  expect(redis).toMatchObject({ usedBytes: 5e6, limitBytes: null })
})
