import { join } from 'node:path'
import { openInstallation } from '~/db/installation'
import { openDb } from '~/db/open'
import { saveProviderToken } from '~/db/provider-tokens'
import { migrateDb } from '~/db/schema-version'
import { createUser } from '~/db/users'
import { openLaunchQueue } from '~/worker/queue'
import { SOMEBODY } from '../support/actors'
import { startRedis } from '../support/redis'
import { SERVICE_SETTINGS } from '../support/service-settings'
import { temporaryFolder } from '../support/temp-folder'
import { startTestWorker, WORKER_PROGRAM } from '../support/test-worker'
import { dockerSite } from './docker-site'
import { processSite } from './process-site'
import { workerPool } from './workers'

const WORKERS = 3
const SERVICE = join(process.cwd(), 'test/support/programs/service.mjs')
export const SECRET = 'hf_CANARYchaos0123456789'

export type RuntimeName = 'process' | 'docker'

/**
 * The whole back end on real parts, as a web process sees it, and all of them in reach.
 * @param bundle bundles a program, and returns the file to give to node
 */
export async function startBackEnd(runtime: RuntimeName, bundle: (entry: string) => Promise<string>) {
  const workerProgram = await bundle(WORKER_PROGRAM)
  const logs = { program: await bundle('worker/logs/writer.ts'), bytesMax: 1_000_000 }
  const folder = temporaryFolder()
  const dataDir = join(folder.path, 'data')
  const db = openDb(join(dataDir, 'slipway.db'))
  migrateDb(db)
  const installation = openInstallation(db, { tokenKeys: undefined, dataDir }, Date.now)
  const user = createUser(db, { name: 'Ada', role: 'admin' }, Date.now)
  saveProviderToken({ db, installation, clock: Date.now }, user.id, 'huggingface', SECRET, SOMEBODY)
  const redis = await startRedis(join(folder.path, 'redis'))
  const queue = openLaunchQueue({ redisUrl: redis.url, installationId: installation.id }, () => undefined)
  const site = runtime === 'docker' ? await dockerSite(installation.id) : processSite(installation.id)
  const pool = await workerPool(WORKERS, () =>
    startTestWorker(workerProgram, {
      dataDir,
      redisUrl: redis.url,
      runtime: {
        docker: site.docker,
        comfyuiCommand: undefined,
        trainerCommand: undefined,
        filebrowserProgram: SERVICE,
        logs,
        startTimeoutMs: 60_000,
        stopGraceMs: 1000,
      },
      timings: {
        leaseMs: 5000,
        renewEveryMs: 500,
        sweepEveryMs: 1000,
        beatEveryMs: 1000,
        checkEveryMs: 5000,
        hungAfterMs: 60_000,
        upkeepEveryMs: 1000,
        measureEveryMs: 60_000,
      },
      forServices: SERVICE_SETTINGS,
      machineLimits: {},
      fault: undefined,
    }),
  )
  return {
    folder: folder.path,
    db,
    user,
    redis,
    queue,
    site,
    pool,
    async remove() {
      // One thing that can't be ended doesn't keep the others.
      const ended: PromiseSettledResult<unknown>[] = []
      for (const end of [pool.end, site.remove, () => queue.close(), redis.kill])
        ended.push(...(await Promise.allSettled([end()])))
      db.$client.close()
      folder.remove()
      for (const end of ended) if (end.status === 'rejected') throw end.reason
    },
  }
}

export type BackEnd = Awaited<ReturnType<typeof startBackEnd>>
