import { sql } from 'drizzle-orm'
import { Router } from 'express'
import { isAnyWorkerAlive } from '../../db/workers'
import type { Services } from '../trpc/context'

/** `/healthz`: this process answers. `/readyz`: everything that a launch needs is there, or what isn't. */
export function healthRoutes(services: Services): Router {
  const routes = Router()
  routes.get('/healthz', (_req, res) => {
    res.json({ ok: true })
  })
  routes.get('/readyz', async (_req, res) => {
    const checks = {
      database: answers(() => services.db.get(sql`select 1`) !== undefined),
      redis: await services.queue.ping(),
      worker: answers(() => isAnyWorkerAlive(services.db, services.clock)),
    }
    const missing = Object.entries(checks).flatMap(([name, ok]) => (ok ? [] : [name]))
    res.status(missing.length ? 503 : 200).json({ ready: missing.length === 0, missing })
  })
  return routes
}

function answers(check: () => boolean): boolean {
  try {
    return check()
  } catch {
    return false
  }
}
