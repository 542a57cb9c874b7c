import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { machineChanges, requestChanges } from '../../db/change-feed'
import { openInstallation } from '../../db/installation'
import { openDb } from '../../db/open'
import { assertMigrated } from '../../db/schema-version'
import type { Settings } from '../../env'
import { issuerSettings, openIssuers } from '../../providers/issuers'
import type { SettingsInForce } from '../../settings-in-force'
import type { Tracing } from '../../telemetry/tracing'
import { webMetrics } from '../../telemetry/web-metrics'
import { openLaunchQueue, redisAddress } from '../../worker/queue'
import { openMail } from '../accounts/mail'
import { openOidc } from '../accounts/oidc'
import { machineHosts } from '../machine-proxy/hosts'
import { openOAuth } from '../oauth/registry'
import type { Services } from '../trpc/context'
import { launchPolicy } from './launch-policy'
import { openLimits } from './limits'
import { openChannels } from './open-channels'

/** What follows from the settings alone: whom to write to, whom to ask, and what is allowed. */
export const servicesAsSet = (settings: Settings, settingsInForce: SettingsInForce, logger: Logger) => ({
  settingsInForce,
  mailer: openMail({ smtpUrl: settings.smtpUrl, from: settings.mailFrom, logger }),
  oidc: openOidc({ providers: settings.oidcProviders, publicUrl: settings.publicUrl, logger }),
  oauth: openOAuth(settings),
  issuers: settings.tokenChecks ? openIssuers(issuerSettings(settings)) : undefined,
  policy: {
    publicUrl: settings.publicUrl,
    signUp: settings.signUp,
    ...launchPolicy(settings),
    machineSizes: settings.machineSizes,
    machineLimits: settings.machineLimits,
    requests: settings.requests,
  },
  serviceUrl: machineHosts(settings).url,
})

/** Builds everything that the web process works with, once; `close` lets go of it. */
export function openServices(
  settings: Settings,
  inForce: SettingsInForce,
  logger: Logger,
  tracing: Tracing | undefined,
) {
  const file = join(settings.dataDir, 'slipway.db')
  const db = openDb(file)
  assertMigrated(db)
  const installation = openInstallation(db, settings, Date.now)
  const metrics = webMetrics({ db, clock: Date.now, dataDir: settings.dataDir })
  const onRedisError = (error: Error) => {
    metrics.redisErrors.inc()
    logger.debug({ reason: error.message }, 'redis')
  }
  const { redisUrl } = settings
  const queue = openLaunchQueue({ redisUrl, installationId: installation.id }, onRedisError)
  // Counting must not hold a request up: without Redis each command fails, at once or nearly so.
  const redis = new Redis(redisAddress(redisUrl), {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    // One that is connected and doesn't answer is as good as away.
    commandTimeout: 500,
    retryStrategy: () => 500,
  })
  redis.on('error', onRedisError)
  const channels = openChannels({ onError: (error) => logger.warn({ err: error }, 'recheck') })
  const asSet = servicesAsSet(settings, inForce, logger)
  const services: Services = {
    db,
    dataDir: settings.dataDir,
    installation,
    queue,
    changes: machineChanges(file),
    requestChanges: requestChanges(file),
    clock: Date.now,
    logger,
    metrics,
    tracing,
    limits: openLimits(redis, installation.id),
    channels,
    ...asSet,
  }
  const close = async () => {
    channels.close()
    asSet.mailer?.close()
    redis.disconnect()
    await services.queue.close()
    services.changes.close()
    services.requestChanges.close()
    db.$client.close()
    await tracing?.close()
  }
  return { services, close }
}
