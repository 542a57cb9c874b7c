import { expect, it } from 'vitest'
import { beat, signOff } from '~/db/workers'
import type { LaunchQueue } from '~/worker/queue'
import { beating } from '../support/beat'
import { startSite } from './site'

const readiness = async ({ visitor }: Awaited<ReturnType<typeof startSite>>) => {
  const { status, text } = await visitor().get('/readyz')
  return { status, ...JSON.parse(text) }
}
const queueWithout: LaunchQueue = {
  add: async () => false,
  faults: async () => ['redis'],
  use: async () => undefined,
  close: async () => undefined,
}

it('/healthz answers as long as the process does', async () => {
  const site = await startSite({ queue: queueWithout })
  site.db.$client.close()
  const { status, text } = await site.visitor().get('/healthz')
  expect([status, JSON.parse(text)]).toEqual([200, { ok: true }])
})

it.each(['10.42.0.7:3000', 'slipway.slipway.svc', 'web'])(
  'health is told to probes that know the process by another name: %s',
  async (host) => {
    const site = await startSite()
    const asked = [
      await site.visitor().get('/healthz', { host }),
      await site.visitor().get('/readyz', { host }),
    ]
    expect(asked.map(({ status }) => status)).toEqual([200, 503])
  },
)

type Site = Awaited<ReturnType<typeof startSite>>
/** A worker's beat; it last took a job then. */
const beats = ({ db, services, clock }: Site, takesJobsAt = clock()) =>
  beat(db, beating('one', takesJobsAt), services.installation.keyring(), clock)

it('/readyz is green with a database, Redis and a worker that beats and takes jobs', async () => {
  const site = await startSite()
  beats(site)
  expect(await readiness(site)).toEqual({ status: 200, ready: true, missing: [] })
})

it('/readyz names a worker that never came, went silent or signed off', async () => {
  const site = await startSite()
  const withoutWorker = { status: 503, ready: false, missing: ['worker'] }
  expect(await readiness(site)).toEqual(withoutWorker)
  beats(site)
  site.clock.advance(15_000)
  expect(await readiness(site)).toEqual(withoutWorker)
  beats(site)
  expect((await readiness(site)).status).toBe(200)
  signOff(site.db, 'one')
  expect(await readiness(site)).toEqual(withoutWorker)
})

it('/readyz names a worker that beats and takes no jobs', async () => {
  const site = await startSite()
  const silent = { status: 503, ready: false, missing: ['worker_jobs'] }
  beats(site, 0)
  expect(await readiness(site)).toEqual(silent)
  const provedAt = site.clock()
  site.clock.advance(29_999)
  beats(site, provedAt)
  expect((await readiness(site)).status).toBe(200)
  site.clock.advance(1)
  expect(await readiness(site)).toEqual(silent)
})

it('/readyz names Redis, and a database that doesn’t answer', async () => {
  const site = await startSite({ queue: queueWithout })
  beats(site, 0)
  // Whether a worker takes jobs can't be known then.
  expect(await readiness(site)).toEqual({ status: 503, ready: false, missing: ['redis'] })
  site.db.$client.close()
  expect(await readiness(site)).toEqual({
    status: 503,
    ready: false,
    missing: ['database', 'redis', 'worker'],
  })
})
