import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { SettingsError } from './parse-environment'
import { MACHINE_KINDS, type MachineKind } from './providers/registry'

const ROLES = ['admin', 'member'] as const

const label = z.string().trim().min(1, 'is empty').max(60, 'has more than 60 characters')
const positive = z.number('must be a number').positive('must be more than 0')

const gpus = z
  .strictObject({
    count: z.union([z.literal('all'), z.int().min(1).max(64)], 'must be a whole number from 1, or "all"'),
    /** What people call them. */
    kind: label.optional(),
    /** Numbers or UUIDs of the very ones, as `nvidia-smi -L` lists them. */
    devices: z.array(z.string().regex(/^[\w./=:-]+$/, 'must be the number or UUID of a GPU')).optional(),
  })
  .refine(({ count, devices }) => !devices || count === devices.length, {
    path: ['devices'],
    error: 'must name as many as count says',
  })

const toleration = z.strictObject({
  key: z.string().optional(),
  operator: z.enum(['Exists', 'Equal'], 'must be Exists or Equal').optional(),
  value: z.string().optional(),
  effect: z
    .enum(
      ['NoSchedule', 'PreferNoSchedule', 'NoExecute'],
      'must be NoSchedule, PreferNoSchedule or NoExecute',
    )
    .optional(),
})

const size = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and dashes'),
  label,
  cpus: positive.max(1024, 'must be 1024 or less'),
  memoryGiB: positive.max(65_536, 'must be 65536 or less'),
  /** How many processes and threads each service may have. */
  pids: z.int('must be a whole number').min(64, 'must be 64 or more').max(4_194_304).default(4096),
  gpus: gpus.optional(),
  /** On which nodes of a cluster it may run, as Kubernetes words it. */
  kubernetes: z
    .strictObject({
      nodeSelector: z.record(z.string(), z.string('must be text')).optional(),
      tolerations: z.array(toleration).optional(),
    })
    .optional(),
  /** Who may use it; without them everybody. */
  roles: z
    .array(z.enum(ROLES, `must be ${ROLES.join(' or ')}`))
    .min(1, 'is empty')
    .optional(),
  /** The kinds of machines that it is for; without them all. */
  kinds: z
    .array(z.enum(MACHINE_KINDS, `must be ${MACHINE_KINDS.join(' or ')}`))
    .min(1, 'is empty')
    .optional(),
})

const sizes = z
  .array(size, 'must be a list of sizes')
  .min(1, 'must name at least one size')
  .superRefine((all, context) => {
    for (const [at, { name }] of all.entries())
      if (all.findIndex((other) => other.name === name) < at)
        context.addIssue({ code: 'custom', path: [at, 'name'], message: `“${name}” is there twice` })
  })

/** What a machine may use of its host. A service of the machine that does the work gets all of it. */
export type MachineSize = z.output<typeof size>

/**
 * Reads the sizes that an operator offers.
 * @param file path of a JSON file
 * @throws SettingsError naming every fault of it
 */
export function readMachineSizes(file: string): MachineSize[] {
  const fault = (text: string) => `MACHINES_CONFIG ${file}: ${text}`
  const parsed = sizes.safeParse(readJson(file, fault))
  if (parsed.success) return parsed.data
  throw new SettingsError(
    parsed.error.issues.map(({ path, message, ...issue }) => {
      const isMissing = issue.code === 'invalid_type' && message.endsWith('received undefined')
      return fault([path.join('.'), isMissing ? 'is missing' : message].filter(Boolean).join(' '))
    }),
  )
}

function readJson(file: string, fault: (text: string) => string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new SettingsError([fault(`cannot be read (${(error as NodeJS.ErrnoException).code})`)])
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new SettingsError([fault(`is no JSON: ${(error as Error).message}`)])
  }
}

/** Who asks for a size, and for which kind of machine. */
export interface SizeUse {
  role: (typeof ROLES)[number]
  kind: MachineKind
}

/** The sizes that somebody may use; the first is what they get without choosing. */
export const sizesFor = (
  all: readonly MachineSize[],
  { role, kind }: Pick<SizeUse, 'role'> & Partial<SizeUse>,
): MachineSize[] =>
  all.filter(
    ({ roles, kinds }) => (!roles || roles.includes(role)) && (!kind || !kinds || kinds.includes(kind)),
  )

/** As a number, for what is counted in GPU hours: nobody here knows how many “all” of a host are, so they are one. */
export const gpusOf = ({ gpus }: Pick<MachineSize, 'gpus'>): number =>
  gpus === undefined ? 0 : gpus.count === 'all' ? 1 : gpus.count

/** In words: “8 CPUs, 32 GiB memory, 1 × NVIDIA L4”. */
export function describeSize({ cpus, memoryGiB, gpus }: Pick<MachineSize, 'cpus' | 'memoryGiB' | 'gpus'>) {
  const kind = gpus?.kind ?? (gpus?.count === 1 ? 'GPU' : 'GPUs')
  return [
    `${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'}`,
    `${memoryGiB} GiB memory`,
    ...(gpus ? [gpus.count === 'all' ? `all ${kind}` : `${gpus.count} × ${kind}`] : []),
  ].join(', ')
}
