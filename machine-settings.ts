import { resolve } from 'node:path'
import * as z from 'zod'
import { type MachineSize, readMachineSizes } from './machine-sizes'
import { parseEnvironment, parseTogether } from './parse-environment'

const HOUR_MS = 60 * 60_000
const GIB = 1024 ** 3

const count = z.coerce
  .number('must be a whole number')
  .int('must be a whole number')
  .min(1, 'must be 1 or more')
const amount = z.coerce.number('must be a number')

export const limitsSchema = z.object({
  MACHINES_PER_USER: count.optional().meta({
    description:
      'Machines of one user that run or are on their way. An administrator can set another limit for a user.',
    otherwise: 'no limit',
  }),
  MACHINES_MAX: count.optional().meta({
    description: 'Machines of everybody that run; further ones wait in a queue.',
    otherwise: 'no limit',
  }),
  SESSION_HOURS: amount.min(0.5, 'must be 0.5 or more').max(8760, 'must be 8760 or less').optional().meta({
    description:
      'How many hours a machine runs unless it is extended. An administrator can set another limit for a user.',
    otherwise: 'no limit',
  }),
  IDLE_MINUTES: amount.min(10, 'must be 10 or more').max(525_600, 'must be 525600 or less').optional().meta({
    description: 'How many minutes a ComfyUI machine runs that nobody and nothing uses.',
    otherwise: 'no limit',
  }),
  DISK_PER_USER_GIB: amount.positive('must be more than 0').optional().meta({
    description:
      'What workspaces, models, cloud saves and results of one user may take together, in GiB; beyond it nothing new is launched. An administrator can set another limit for a user.',
    otherwise: 'no limit',
  }),
})
export const sizesSchema = z.object({
  MACHINES_CONFIG: z.string().default('./config/machines.json').meta({
    description: 'The sizes that people choose from. README.md says what is in it.',
    takes: 'a JSON file',
  }),
})

/** What the operator limits; undefined is without a limit. */
export interface MachineLimits {
  /** Machines of one user that run or are on their way. */
  perUser?: number | undefined
  /** Machines that run on the whole installation; further ones wait. */
  inAll?: number | undefined
  /** How long a machine runs until it is extended. */
  sessionMs?: number | undefined
  /** How long a machine runs that nobody and nothing uses. */
  idleMs?: number | undefined
  /** Bytes of one user's workspaces, models, cloud saves and results beyond which nothing new is launched. */
  diskPerUser?: number | undefined
}

/**
 * How long a machine's session is; undefined without an end.
 * @param asked what was asked for this one, which never makes it longer than everybody's
 */
export const sessionLength = (asked: number | null, everybodys: number | undefined): number | undefined =>
  asked === null ? everybodys : Math.min(asked, everybodys ?? asked)

export interface MachineSettings {
  /** The first is what one gets without choosing. */
  machineSizes: MachineSize[]
  machineLimits: MachineLimits
}

/** Absolute path of the file with the sizes. */
export const sizesFile = (source: Record<string, string | undefined>): string =>
  resolve(parseEnvironment(sizesSchema, source).MACHINES_CONFIG)

/** @throws SettingsError naming each faulty setting, and each fault of the file with the sizes */
export function parseMachineSettings(source: Record<string, string | undefined>): MachineSettings {
  const [env, machineSizes] = parseTogether(
    () => parseEnvironment(limitsSchema, source),
    () => readMachineSizes(sizesFile(source)),
  )
  return {
    machineSizes,
    machineLimits: {
      perUser: env.MACHINES_PER_USER,
      inAll: env.MACHINES_MAX,
      sessionMs: env.SESSION_HOURS && env.SESSION_HOURS * HOUR_MS,
      idleMs: env.IDLE_MINUTES && env.IDLE_MINUTES * 60_000,
      diskPerUser: env.DISK_PER_USER_GIB && env.DISK_PER_USER_GIB * GIB,
    },
  }
}
