import { resolve } from 'node:path'
import { z } from 'zod'
import { type MachineSettings, parseMachineSettings } from './machine-settings'
import { type OAuthSettings, parseOAuthSettings } from './oauth-settings'
import {
  addressList,
  dockerHost,
  domainName,
  downloadsAtOnce,
  endpoint,
  hostList,
  imageReference,
  parseEnvironment,
  parseTogether,
} from './parse-environment'
import { parseSignInSettings, type SignInSettings } from './sign-in-settings'

const wholeSeconds = z.coerce.number().int('must be whole seconds').min(1).max(86_400)

const schema = z.object({
  PORT: z.coerce.number('must be a port number').int().min(1).max(65_535).default(3000),
  HOST: z.string().default('127.0.0.1'),
  PUBLIC_URL: endpoint.optional(),
  DATA_DIR: z.string().default('./data'),
  REDIS_URL: z
    .string()
    .regex(/^(rediss?:\/\/|unix:\/\/\/)/, 'must begin with redis://, rediss:// or unix:///')
    .default('redis://127.0.0.1:6379'),
  TRUSTED_PROXIES: addressList.optional(),
  TOKEN_KEYS: z.string().optional(),
  RUNTIME: z.enum(['process', 'docker'], 'must be process or docker').default('process'),
  ALLOW_UNISOLATED: z.enum(['0', '1'], 'must be 0 or 1').default('0'),
  COMFYUI_COMMAND: z.string().optional(),
  TRAINER_COMMAND: z.string().optional(),
  DOCKER_HOST: dockerHost.default('unix:///var/run/docker.sock'),
  COMFYUI_IMAGE: imageReference.optional(),
  TRAINER_IMAGE: imageReference.optional(),
  FILEBROWSER_IMAGE: imageReference.default('slipway-filebrowser'),
  START_TIMEOUT_SECONDS: wholeSeconds.default(180),
  LOG_BYTES_MAX: z.coerce
    .number('must be a number of bytes')
    .int('must be whole bytes')
    .min(65_536)
    .max(1_000_000_000)
    .default(10_000_000),
  LOG_DAYS: z.coerce
    .number('must be a number of days')
    .int('must be whole days')
    .min(1)
    .max(3650)
    .default(30),
  MACHINES_DOMAIN: domainName.default('localhost'),
  HF_ENDPOINT: endpoint.optional(),
  CIVITAI_ENDPOINT: endpoint.optional(),
  DOWNLOAD_HOSTS: hostList.optional(),
  DOWNLOADS_AT_ONCE: downloadsAtOnce.optional(),
  TOKEN_CHECKS: z.enum(['on', 'off'], 'must be on or off').default('on'),
  LOG_LEVEL: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'silent'],
      'must be fatal, error, warn, info, debug or silent',
    )
    .default('info'),
})

/** What an operator can set, parsed once per process and handed on as an argument. */
export interface Settings extends SignInSettings, OAuthSettings, MachineSettings {
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
  runtime: 'process' | 'docker'
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
  logLevel: z.infer<typeof schema>['LOG_LEVEL']
}

/**
 * @param source usually `process.env`; a blank value counts as absent
 * @throws SettingsError naming each faulty setting and what it must be
 */
export function parseSettings(source: Record<string, string | undefined>): Settings {
  const [env, signIn, oauth, machines] = parseTogether(
    () => parseEnvironment(schema, source),
    () => parseSignInSettings(source),
    () => parseOAuthSettings(source),
    () => parseMachineSettings(source),
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
  }
}
