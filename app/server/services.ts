import { join } from 'node:path'
import type { Logger } from 'pino'
import { openInstallation } from '../../db/installation'
import { MachineChanges } from '../../db/machine-changes'
import { openDb } from '../../db/open'
import { assertMigrated } from '../../db/schema-version'
import type { Settings } from '../../env'
import { openLaunchQueue } from '../../worker/queue'
import { machineHosts } from '../machine-proxy/hosts'
import type { Services } from '../trpc/context'

/** Builds everything that the web process works with, once. */
export function openServices(settings: Settings, logger: Logger): Services {
  const file = join(settings.dataDir, 'slipway.db')
  const db = openDb(file)
  assertMigrated(db)
  const installation = openInstallation(db, settings, Date.now)
  const queue = openLaunchQueue({ redisUrl: settings.redisUrl, installationId: installation.id }, (error) =>
    logger.debug({ reason: error.message }, 'redis'),
  )
  return {
    db,
    installation,
    queue,
    changes: new MachineChanges(file),
    clock: Date.now,
    logger,
    policy: { membersMayLaunch: settings.allowUnisolated, hasComfyui: settings.comfyuiCommand !== undefined },
    serviceUrl: machineHosts(settings).url,
  }
}

export async function closeServices({ db, queue, changes }: Services): Promise<void> {
  await queue.close()
  changes.close()
  db.$client.close()
}
