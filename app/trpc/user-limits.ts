import * as z from 'zod'
import type { UserLimits } from '../../db/user-limits'
import type { MachineLimits } from '../../machine-settings'

/** Limits of one user in the units that people read and type. */

const HOUR_MS = 60 * 60_000
const GIB = 1024 ** 3

const NUMBER = 'must be a number; leave it empty for everybody’s limit'
/** As the settings of everybody's limits take them. */
export const limitsInput = {
  machines: z
    .int('must be a whole number; leave it empty for everybody’s limit')
    .min(0, 'must be 0 or more')
    .max(10_000, 'must be 10000 or less')
    .nullable(),
  sessionHours: z.number(NUMBER).min(0.5, 'must be 0.5 or more').max(8760, 'must be 8760 or less').nullable(),
  diskGib: z
    .number(NUMBER)
    .positive('must be more than 0')
    .max(1_000_000, 'must be 1000000 or less')
    .nullable(),
}

type InUnits = { [Name in keyof typeof limitsInput]: z.output<(typeof limitsInput)[Name]> }

export const fromUnits = ({ machines, sessionHours, diskGib }: InUnits): UserLimits => ({
  machines,
  sessionMs: sessionHours && Math.round(sessionHours * HOUR_MS),
  diskBytes: diskGib && Math.ceil(diskGib * GIB),
})

export const inUnits = ({ machines, sessionMs, diskBytes }: UserLimits): InUnits => ({
  machines,
  sessionHours: sessionMs && sessionMs / HOUR_MS,
  diskGib: diskBytes && diskBytes / GIB,
})

export const everybodysLimits = ({ perUser, sessionMs, diskPerUser }: MachineLimits): UserLimits => ({
  machines: perUser ?? null,
  sessionMs: sessionMs ?? null,
  diskBytes: diskPerUser ?? null,
})
