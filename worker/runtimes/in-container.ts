import type { ServiceName } from '../../db/schema'
import type { LaunchPlan } from './runtime'

/** Where a machine finds its folders, whatever they are called outside. */
export const INSIDE = { workspace: '/workspace', models: '/workspace/models', home: '/home/machine' } as const

/** What every service finds besides its snapshot and HOST, under the names that it has with the process runtime. */
export const machineVariables = (plan: LaunchPlan, service: ServiceName, port: number) => ({
  HOME: INSIDE.home,
  PORT: String(port),
  WORKSPACE: INSIDE.workspace,
  // Python would keep what it prints to a pipe to itself until it has a few kilobytes.
  PYTHONUNBUFFERED: '1',
  SLIPWAY_MACHINE_ID: plan.machineId,
  SLIPWAY_ATTEMPT: String(plan.attempt),
  SLIPWAY_SERVICE: service,
})
