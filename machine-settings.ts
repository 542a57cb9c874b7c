import { resolve } from 'node:path'
import { z } from 'zod'
import { type MachineSize, readMachineSizes } from './machine-sizes'
import { parseEnvironment, parseTogether } from './parse-environment'

const HOUR_MS = 60 * 60_000
const GIB = 1024 ** 3

const count = z.coerce
  .number('must be a whole number')
  .int('must be a whole number')
  .min(1, 'must be 1 or more')
const amount = z.coerce.number('must be a number')

const schema = z.object({
  MACHINES_PER_USER: count.optional(),
  MACHINES_MAX: count.optional(),
  SESSION_HOURS: amount.min(0.5, 'must be 0.5 or more').max(8760, 'must be 8760 or less').optional(),
  IDLE_MINUTES: amount.min(10, 'must be 10 or more').max(525_600, 'must be 525600 or less').optional(),
  DISK_PER_USER_GIB: amount.positive('must be more than 0').optional(),
})
const fileSchema = z.object({ MACHINES_CONFIG: z.string().default('./config/machines.json') })

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
  /** Bytes of one user's workspaces, models and cloud saves beyond which nothing new is launched. */
  diskPerUser?: number | undefined
}

export interface MachineSettings {
  /** The first is what one gets without choosing. */
  machineSizes: MachineSize[]
  machineLimits: MachineLimits
}

/** @throws SettingsError naming each faulty setting, and each fault of the file with the sizes */
export function parseMachineSettings(source: Record<string, string | undefined>): MachineSettings {
  const [env, machineSizes] = parseTogether(
    () => parseEnvironment(schema, source),
    () => readMachineSizes(resolve(parseEnvironment(fileSchema, source).MACHINES_CONFIG)),
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
