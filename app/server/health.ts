import { sql } from 'drizzle-orm'
import { Router } from 'express'
import { doesAnyWorkerTakeJobs, isAnyWorkerAlive } from '../../db/workers'
import type { Services } from '../trpc/context'

/** `/healthz`: this process answers. `/readyz`: everything that a launch needs is there, or what isn't. */
export function healthRoutes(services: Services): Router {
  const routes = Router()
  routes.get('/healthz', (_req, res) => {
    res.json({ ok: true })
  })
  routes.get('/readyz', async (_req, res) => {
    const missing = await findMissing(services)
    res.status(missing.length ? 503 : 200).json({ ready: missing.length === 0, missing })
  })
  return routes
}

/** What is missing, each cause without what merely follows from it. */
async function findMissing({ db, queue, clock }: Services): Promise<string[]> {
  const missing: string[] = await queue.faults()
  const cannotProve = missing.includes('redis') || missing.includes('redis_memory')
  if (!answers(() => db.get(sql`select 1`) !== undefined)) missing.unshift('database')
  if (!answers(() => isAnyWorkerAlive(db, clock))) missing.push('worker')
  else if (!cannotProve && !answers(() => doesAnyWorkerTakeJobs(db, clock))) missing.push('worker_jobs')
  return missing
}

function answers(check: () => boolean): boolean {
  try {
    return check()
  } catch {
    return false
  }
}
