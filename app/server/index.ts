import { collectDefaultMetrics } from 'prom-client'
import { KeyringError } from '../../db/keyring'
import { SchemaVersionError } from '../../db/schema-version'
import { parseSettings } from '../../env'
import { createLogger } from '../../logger'
import { SettingsError } from '../../parse-environment'
import { settingsInForce } from '../../settings-in-force'
import { openTracing } from '../../telemetry/tracing'
import { createHttpServer } from './http'
import { ListenError, listen } from './listen'
import { builtPages, developmentPages } from './pages'
import { openServices } from './services'

/** The web process. */
async function main() {
  const settings = parseSettings(process.env)
  const { logger } = createLogger(settings.logLevel, 'web')
  const tracing = await openTracing(settings.otlpEndpoint, 'web')
  const inForce = settingsInForce(process.env)
  const { services, close: closeServices } = openServices(settings, inForce, logger, tracing)
  collectDefaultMetrics({ register: services.metrics.registry })
  const development = process.env.NODE_ENV === 'development'
  const pages = await (development ? developmentPages(settings.dataDir) : builtPages())
  const server = createHttpServer({ settings, services, pages, development })
  await listen(server, settings)
  logger.info({ host: settings.host, port: settings.port }, 'web is ready')

  let closing = false
  const close = async () => {
    if (closing) process.exit(1)
    closing = true
    server.close()
    server.closeAllConnections()
    await closeServices()
    process.exit(0)
  }
  process.on('SIGTERM', close)
  process.on('SIGINT', close)
  process.on('disconnect', close)
}

main().catch((error) => {
  const known = [SettingsError, KeyringError, SchemaVersionError, ListenError].some(
    (kind) => error instanceof kind,
  )
  console.error(known ? error.message : error)
  process.exit(1)
})
