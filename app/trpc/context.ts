import type { Logger } from 'pino'
import type { ApiTokenGrant } from '../../db/api-tokens'
import type { ChangeFeed } from '../../db/change-feed'
import type { Installation } from '../../db/installation'
import type { Clock, Db } from '../../db/open'
import type { ServiceName } from '../../db/schema'
import type { RequestSource, Session } from '../../db/sessions'
import type { Identity } from '../../db/sign-in'
import type { MachineSettings } from '../../machine-settings'
import type { Issuers } from '../../providers/issuers'
import type { RequestSettings } from '../../request-settings'
import type { SettingsInForce } from '../../settings-in-force'
import type { SignUp } from '../../sign-in-settings'
import type { Span, Tracing } from '../../telemetry/tracing'
import type { WebMetrics } from '../../telemetry/web-metrics'
import type { LaunchQueue } from '../../worker/queue'
import type { Mail } from '../accounts/mail'
import type { OAuthRegistry } from '../oauth/registry'
import type { Limits } from '../server/limits'
import type { OpenChannels } from '../server/open-channels'

/** What the web process works with; built once, handed on. */
export interface Services {
  db: Db
  /** Absolute path of the folder with the logs of machines. */
  dataDir: string
  installation: Installation
  queue: LaunchQueue
  /** Of machines. */
  changes: ChangeFeed
  /** Of requests to models. */
  requestChanges: ChangeFeed
  clock: Clock
  logger: Logger
  metrics: WebMetrics
  /** Undefined where no traces are made. */
  tracing: Tracing | undefined
  limits: Limits
  channels: Pick<OpenChannels, 'watch' | 'recheck'>
  /** Sends mail; undefined where no mail server is set, and links are printed by the server instead. */
  mailer: { send(mail: Mail): Promise<void> } | undefined
  /** Providers that people can sign in with. */
  oidc: {
    providers: readonly { id: string; label: string }[]
    /** @returns where to send the browser, there to be asked who it is when `asAnother`; everything that belongs to this try follows from its secret */
    begin(provider: string, browserSecret: string, as?: { asAnother?: boolean }): Promise<URL>
    /** @throws AppError when the provider refuses, or the answer isn't that of this browser */
    finish(provider: string, browserSecret: string, answer: URL): Promise<Identity>
  }
  /** Programs that may let people log in, and servers that may ask about tokens. */
  oauth: OAuthRegistry
  /** The way to ask issuers about tokens; undefined where that is switched off. */
  issuers: Issuers | undefined
  /** What of the settings the procedures decide by. */
  policy: {
    publicUrl: string
    signUp: SignUp
    /** Whether users who are not administrators may launch though nothing isolates machines. */
    membersMayLaunch: boolean
    /** Whether the operator has set how ComfyUI is started. */
    hasComfyui: boolean
    /** The same of the trainer: without it there are no machines of that kind. */
    hasTrainer: boolean
    /** Whether machines are held to their sizes; as plain processes they aren't. */
    sizesHold: boolean
    requests: RequestSettings
  } & MachineSettings
  /** What the operator set, for administrators to see. */
  settingsInForce: SettingsInForce
  /** Where a browser reaches a service of a machine. */
  serviceUrl(machineId: string, service: ServiceName): string
}

/**
 * Slipway's own cookies: who is signed in, who is about to, by mail or elsewhere, where to go then, or why not,
 * and who wants no first steps.
 */
export type OwnCookie = 'session' | 'sign_in' | 'oidc' | 'next' | 'refusal' | 'guide'

/** What a procedure knows of the request it answers. */
export interface Context extends Services {
  /** Under which logs, launches and traces name the request. Its `logger` says it by itself. */
  requestId: string
  /** Of the whole request; undefined where no traces are made. */
  span: Span | undefined
  /** By cookie; never there when the request brings an API token. */
  session: Session | undefined
  /** The API token of the request, or why it is none. */
  apiToken: { grant: ApiTokenGrant } | { refusal: string } | undefined
  from: RequestSource
  /** Says with the answer, whatever it is, when to come back. @param status of a page that shows the refusal */
  tellToWait(seconds: number, status: number): void
  /** For what must not show in how long the answer takes. */
  afterAnswer(work: () => void): void
  cookies: {
    get(name: OwnCookie): string | undefined
    /** Undefined takes it away. */
    set(name: OwnCookie, secret: string | undefined, lifeSeconds: number): void
  }
}
