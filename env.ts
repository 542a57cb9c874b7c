import { resolve } from 'node:path'
import type { z } from 'zod'
import { type KubernetesSettings, parseKubernetesSettings } from './kubernetes-settings'
import { type MachineSettings, parseMachineSettings } from './machine-settings'
import { type OAuthSettings, parseOAuthSettings } from './oauth-settings'
import { parseEnvironment, parseTogether } from './parse-environment'
import { parseRequestSettings, type RequestSettings } from './request-settings'
import { serverSchema } from './server-settings'
import { parseSignInSettings, type SignInSettings } from './sign-in-settings'
import { parseTelemetrySettings, type TelemetrySettings } from './telemetry-settings'

/** What an operator can set, parsed once per process and handed on as an argument. */
export interface Settings extends SignInSettings, OAuthSettings, MachineSettings, TelemetrySettings {
  port: number
  host: string
  /** Origin under which browsers reach Slipway, without a trailing slash. */
  publicUrl: string
  /** Whose X-Forwarded-For is believed: addresses and ranges. */
  trustedProxies: string[]
  /** Absolute path. */
  dataDir: string
  redisUrl: string
  tokenKeys: string | undefined
  runtime: 'process' | 'docker' | 'kubernetes'
  /** Whether users who are not administrators may launch on a runtime that isolates nothing. */
  allowUnisolated: boolean
  comfyuiCommand: string | undefined
  trainerCommand: string | undefined
  dockerHost: string
  comfyuiImage: string | undefined
  trainerImage: string | undefined
  filebrowserImage: string
  startTimeoutMs: number
  /** What is kept of the output of each service and attempt. */
  logBytesMax: number
  /** How long logs are kept after their machine has ended. */
  logDays: number
  machinesDomain: string
  huggingfaceEndpoint: string | undefined
  civitaiEndpoint: string | undefined
  downloadHosts: string[]
  /** How many downloads a machine's file manager has under way; without it the file manager decides. */
  downloadsAtOnce: number | undefined
  /** Whether issuers are asked about tokens and models. */
  tokenChecks: boolean
  kubernetes: KubernetesSettings
  requests: RequestSettings
  logLevel: z.infer<typeof serverSchema>['LOG_LEVEL']
}

/**
 * What says where the data is and what opens it. A restore needs no more: the file that MACHINES_CONFIG names may
 * only come with it.
 * @throws SettingsError
 */
export function parseDataSettings(
  source: Record<string, string | undefined>,
): Pick<Settings, 'dataDir' | 'tokenKeys'> {
  const env = parseEnvironment(serverSchema.pick({ DATA_DIR: true, TOKEN_KEYS: true }), source)
  return { dataDir: resolve(env.DATA_DIR), tokenKeys: env.TOKEN_KEYS }
}

/**
 * @param source usually `process.env`; a blank value counts as absent
 * @throws SettingsError naming each faulty setting and what it must be
 */
export function parseSettings(source: Record<string, string | undefined>): Settings {
  const [env, signIn, oauth, machines, requests, telemetry, kubernetes] = parseTogether(
    () => parseEnvironment(serverSchema, source),
    () => parseSignInSettings(source),
    () => parseOAuthSettings(source),
    () => parseMachineSettings(source),
    () => parseRequestSettings(source),
    () => parseTelemetrySettings(source),
    () => parseKubernetesSettings(source),
  )
  return {
    port: env.PORT,
    host: env.HOST,
    publicUrl: new URL(env.PUBLIC_URL ?? `http://localhost:${env.PORT}`).origin,
    trustedProxies: env.TRUSTED_PROXIES ?? [],
    dataDir: resolve(env.DATA_DIR),
    redisUrl: env.REDIS_URL,
    tokenKeys: env.TOKEN_KEYS,
    runtime: env.RUNTIME,
    allowUnisolated: env.ALLOW_UNISOLATED === '1',
    comfyuiCommand: env.COMFYUI_COMMAND,
    trainerCommand: env.TRAINER_COMMAND,
    dockerHost: env.DOCKER_HOST,
    comfyuiImage: env.COMFYUI_IMAGE,
    trainerImage: env.TRAINER_IMAGE,
    filebrowserImage: env.FILEBROWSER_IMAGE,
    startTimeoutMs: env.START_TIMEOUT_SECONDS * 1000,
    logBytesMax: env.LOG_BYTES_MAX,
    logDays: env.LOG_DAYS,
    machinesDomain: env.MACHINES_DOMAIN,
    huggingfaceEndpoint: env.HF_ENDPOINT,
    civitaiEndpoint: env.CIVITAI_ENDPOINT,
    downloadHosts: env.DOWNLOAD_HOSTS ?? [],
    downloadsAtOnce: env.DOWNLOADS_AT_ONCE,
    tokenChecks: env.TOKEN_CHECKS === 'on',
    logLevel: env.LOG_LEVEL,
    ...signIn,
    ...oauth,
    ...machines,
    ...requests,
    ...telemetry,
    ...kubernetes,
  }
}
