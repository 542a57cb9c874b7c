import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Agent, buildConnector } from 'undici'
import { onTestFinished } from 'vitest'
import { machineHosts } from '~/app/machine-proxy/hosts'
import type { Patience } from '~/app/machine-proxy/proxy'
import { createHttpServer } from '~/app/server/http'
import { openLimits } from '~/app/server/limits'
import { openChannels } from '~/app/server/open-channels'
import { builtPages } from '~/app/server/pages'
import { servicesAsSet } from '~/app/server/services'
import type { Services } from '~/app/trpc/context'
import { createApiToken } from '~/db/api-tokens'
import { machineChanges, requestChanges } from '~/db/change-feed'
import { claimLaunch } from '~/db/machine-claims'
import { markFailed, markRunning } from '~/db/machine-outcomes'
import { launchMachine } from '~/db/machine-requests'
import { recordTokens } from '~/db/machine-tokens'
import { listProviderTokens } from '~/db/provider-tokens'
import type { ServiceName } from '~/db/schema'
import { createSession } from '~/db/sessions'
import type { User } from '~/db/users'
import { parseSettings } from '~/env'
import type { MachineKind } from '~/providers/registry'
import { settingsInForce } from '~/settings-in-force'
import type { Tracing } from '~/telemetry/tracing'
import { webMetrics } from '~/telemetry/web-metrics'
import type { Job, LaunchQueue } from '~/worker/queue'
import { SOMEBODY, SOMEWHERE } from '../support/actors'
import { testInstallation } from '../support/installation'
import { recordingLogger } from '../support/logger'
import { trackSockets } from './upstream'
import { Visitor } from './visitor'

export const ORIGIN = 'http://slipway.test:3000'
const LEASE_MS = 60_000

export interface SiteOptions {
  env?: Record<string, string>
  queue?: LaunchQueue
  /** Told of each job that is added, where no `queue` stands in. */
  onJob?(job: Job): void
  /** How often open channels are asked whether they may stay. */
  recheckEveryMs?: number
  patience?: Patience
  unreadMaxMs?: number
  /** Where it listens; any free one when left out. */
  port?: number
  tracing?: Tracing
}

/**
 * The web side as it is built, on a port of its own; whatever host name it is asked by, `dispatcher` leads
 * there. No worker: what one would write, the methods below write with the same functions.
 */
export async function startSite({
  env = {},
  queue,
  onJob,
  recheckEveryMs = 25,
  patience,
  unreadMaxMs,
  port: wantedPort = 0,
  tracing,
}: SiteOptions = {}) {
  const { dataDir, db, installation, clock, admin, member } = testInstallation()
  const source = {
    PUBLIC_URL: ORIGIN,
    MACHINES_DOMAIN: 'machines.test',
    DATA_DIR: dataDir,
    TOKEN_CHECKS: 'off',
    ...env,
  }
  const settings = parseSettings(source)
  const requestLines: string[] = []
  const { logger, lines: logged } = recordingLogger(
    (line) => line.includes('"msg":"request"') && requestLines.push(line),
  )
  const jobs: Job[] = []
  const recordingQueue: LaunchQueue = {
    async add(job) {
      jobs.push(job)
      onJob?.(job)
      return true
    },
    faults: async () => [],
    use: async () => undefined,
    close: async () => undefined,
  }
  const hosts = machineHosts(settings)
  const channels = openChannels({
    everyMs: recheckEveryMs,
    onError: (error) => logger.warn({ err: error }, 'recheck'),
  })
  const asSet = servicesAsSet(settings, settingsInForce(source), logger)
  const services: Services = {
    db,
    dataDir: settings.dataDir,
    installation,
    queue: queue ?? recordingQueue,
    changes: machineChanges(join(dataDir, 'slipway.db')),
    requestChanges: requestChanges(join(dataDir, 'slipway.db')),
    clock,
    logger,
    metrics: webMetrics({ db, clock, dataDir }),
    tracing,
    limits: openLimits(undefined, installation.id),
    channels,
    ...asSet,
  }
  const server = createHttpServer({
    settings,
    services,
    pages: await builtPages(),
    development: false,
    patience,
    unreadMaxMs,
  })
  const sockets = trackSockets(server)
  await new Promise<void>((resolve) => server.listen(wantedPort, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const connect = buildConnector({})
  const dispatcher = new Agent({
    connect: (options, done) =>
      connect({ ...options, protocol: 'http:', hostname: '127.0.0.1', port: String(port) }, done),
  })
  onTestFinished(async () => {
    await dispatcher.destroy()
    sockets.end()
    await new Promise((resolve) => server.close(resolve))
    services.changes.close()
    await asSet.issuers?.network.close()
    channels.close()
    asSet.mailer?.close()
  })

  const visitor = (cookie?: string, authorization?: string) =>
    new Visitor({ origin: settings.publicUrl, dispatcher }, cookie, authorization)
  const claim = (user: User, name: string, kind: MachineKind = 'comfyui') => {
    const ref = launchMachine(db, { userId: user.id, kind, name }, SOMEBODY, clock)
    const claimed = claimLaunch(db, ref, { leaseMs: LEASE_MS, clock })
    if (!claimed) throw new Error('The machine could not be claimed.')
    recordTokens(db, claimed.claim, listProviderTokens(db, user.id), clock)
    return claimed.claim
  }

  return {
    ...{
      settings,
      services,
      db,
      clock,
      admin,
      member,
      jobs,
      logged,
      /** The lines of requests, which are no part of `logged`. */
      requestLines,
      dispatcher,
      server,
      port,
      dataDir,
      visitor,
      sockets,
    },

    /** A browser that this user has signed in with. */
    signedIn: (user: User) =>
      visitor(`slipway_session=${createSession(db, { userId: user.id, from: SOMEWHERE }, clock)}`),

    /** An API token of this user's, and a program that sends it. */
    withApiToken(user: User, scopes: readonly string[], { expiresAt = null as number | null } = {}) {
      const given = { userId: user.id, type: 'api', name: 'One', scopes, expiresAt } as const
      const { id, token } = createApiToken(db, given, SOMEBODY, clock)
      return { id, token, visitor: visitor(undefined, `Bearer ${token}`) }
    },

    /** A machine that a worker has brought to running. */
    runMachine(
      user: User,
      {
        name = 'One',
        kind = 'comfyui' as MachineKind,
        service = 'filebrowser' as ServiceName,
        address = 'http://127.0.0.1:1',
      } = {},
    ) {
      const held = claim(user, name, kind)
      markRunning(db, held, [{ name: service, address }], clock)
      return held.machineId
    },

    /** A machine that a worker is bringing to running. */
    claimMachine: (user: User) => claim(user, 'One'),

    failMachine(
      user: User,
      { name = 'One', errorClass = 'start_timeout', detail = 'What an administrator reads.' } = {},
    ) {
      const held = claim(user, name)
      markFailed(db, held, { errorClass, message: 'It did not answer in time.', detail }, clock)
      return held.machineId
    },

    serviceUrl: (machineId: string, service: ServiceName = 'filebrowser') => hosts.url(machineId, service),
  }
}

export type Site = Awaited<ReturnType<typeof startSite>>
