import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { eq } from 'drizzle-orm'
import { machineServices, machines } from '~/db/schema'
import { firstAdmin } from '~/db/users'
import { besides, type Suite } from '../figures'
import { inFolder } from '../in-folder'
import { SMALL } from '../scale/amounts'
import { startWeb } from '../scale/web'
import { percentile } from '../support'
import { LARGE_BYTES } from './large'
import { megabytes, open, requests, roundTrips, type Way } from './ways'

const ROUNDS = 8
const ROUND_MS = 1000
const ROUND_TRIPS = 200
const STRAIGHT = 'straight to the service'

/** A service of a machine through the machine proxy, beside straight to it. Needs a build and a redis-server. */
const proxy: Suite = (report) =>
  inFolder(async (folder, redisUrl) => {
    const web = await startWeb(join(folder, 'data'), SMALL, redisUrl)
    const service = spawn(process.execPath, ['--import', 'tsx', 'bench/proxy/service.ts'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const [port] = (await once(createInterface({ input: service.stdout }), 'line')) as [string]
      const origin = `http://127.0.0.1:${port}`
      const ways = { straight: { origin, headers: {} }, proxied: await enter(web, origin) }
      const took = {
        straight: { rates: [] as number[], bytes: [] as number[], trips: [] as number[] },
        proxied: { rates: [] as number[], bytes: [] as number[], trips: [] as number[] },
      }
      for (let round = -1; round < ROUNDS; round++)
        for (const name of ['straight', 'proxied'] as const) {
          const [way, { rates, bytes, trips }] = [ways[name], took[name]]
          const measured = [await requests(way, ROUND_MS), await megabytes(way, LARGE_BYTES)] as const
          const ms = await roundTrips(way, ROUND_TRIPS)
          if (round < 0) continue
          rates.push(measured[0])
          bytes.push(measured[1])
          trips.push(...ms)
        }
      const { straight, proxied } = took
      const beside = (samples: number[]) => ({ what: STRAIGHT, value: percentile(samples, 0.5) })
      report({
        what: 'machine proxy, bytes of one large file',
        value: percentile(proxied.bytes, 0.5),
        unit: 'MB a second',
        beside: beside(straight.bytes),
        aim: { least: 0.7 },
      })
      report({
        what: 'machine proxy, small requests',
        value: percentile(proxied.rates, 0.5),
        unit: 'a second',
        beside: beside(straight.rates),
      })
      for (const figure of besides('machine proxy, websocket round trip', proxied.trips, {
        what: STRAIGHT,
        samples: straight.trips,
      }))
        report(figure)
    } finally {
      service.kill()
      await web.end()
    }
  })
export default proxy

/** Lets a machine of the administrator's have this service, and enters it. */
async function enter(web: Awaited<ReturnType<typeof startWeb>>, address: string): Promise<Way> {
  const { db } = web
  const machine = db.select({ id: machines.id }).from(machines).where(eq(machines.status, 'running')).get()
  if (!machine) throw new Error('No machine runs.')
  const { id } = machine
  db.update(machines)
    .set({ userId: firstAdmin(db)?.id ?? '' })
    .where(eq(machines.id, id))
    .run()
  db.update(machineServices).set({ address }).where(eq(machineServices.machineId, id)).run()
  const { url } = await web.call<{ url: string }>('machines.open', { id, service: 'filebrowser' })
  const { origin: own, host, port, pathname, search } = new URL(url)
  const origin = `http://127.0.0.1:${port}`
  const answer = await open(`${origin}${pathname}${search}`, { Host: host })
  answer.resume()
  const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0]
  if (!cookie) throw new Error(`entering the machine answered ${answer.statusCode}`)
  return { origin, headers: { Host: host, Origin: own, Cookie: cookie } }
}
