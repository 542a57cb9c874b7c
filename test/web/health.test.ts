import { expect, it } from 'vitest'
import { beat, signOff } from '~/db/workers'
import type { LaunchQueue } from '~/worker/queue'
import { startSite } from './site'

const readiness = async ({ visitor }: Awaited<ReturnType<typeof startSite>>) => {
  const { status, text } = await visitor().get('/readyz')
  return { status, ...JSON.parse(text) }
}
const queueWithout: LaunchQueue = {
  add: async () => false,
  ping: async () => false,
  close: async () => undefined,
}

it('/healthz answers as long as the process does', async () => {
  const site = await startSite({ queue: queueWithout })
  site.db.$client.close()
  const { status, text } = await site.visitor().get('/healthz')
  expect([status, JSON.parse(text)]).toEqual([200, { ok: true }])
})

it('/readyz is green with a database, Redis and a worker that beats', async () => {
  const site = await startSite()
  beat(site.db, 'one', site.services.installation.keyring(), site.clock)
  expect(await readiness(site)).toEqual({ status: 200, ready: true, missing: [] })
})

it('/readyz names a worker that never came, went silent or signed off', async () => {
  const site = await startSite()
  const withoutWorker = { status: 503, ready: false, missing: ['worker'] }
  expect(await readiness(site)).toEqual(withoutWorker)
  beat(site.db, 'one', site.services.installation.keyring(), site.clock)
  site.clock.advance(15_000)
  expect(await readiness(site)).toEqual(withoutWorker)
  beat(site.db, 'one', site.services.installation.keyring(), site.clock)
  expect((await readiness(site)).status).toBe(200)
  signOff(site.db, 'one')
  expect(await readiness(site)).toEqual(withoutWorker)
})

it('/readyz names Redis, and a database that doesn’t answer', async () => {
  const site = await startSite({ queue: queueWithout })
  beat(site.db, 'one', site.services.installation.keyring(), site.clock)
  expect(await readiness(site)).toEqual({ status: 503, ready: false, missing: ['redis'] })
  site.db.$client.close()
  expect(await readiness(site)).toEqual({
    status: 503,
    ready: false,
    missing: ['database', 'redis', 'worker'],
  })
})
