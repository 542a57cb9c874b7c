import { jsonAnswer } from '../json-answer'
import type { Api } from '../trpc/router'

type Machine = Awaited<ReturnType<Api['machines']['list']>>[number]

/** What RunComfy calls them. A stopped server is not there any more; only who stops it hears of it. */
const CURRENT_STATUS = {
  queued: 'Pending',
  starting: 'Starting',
  running: 'Ready',
  stopping: 'Stopping',
  stopped: 'Deleting',
  failed: 'Error',
} as const satisfies Record<Machine['status'], string>

/** Whether it is among the servers: no trainer, and not stopped. */
export const isListed = ({ kind, status }: Machine): boolean => kind === 'comfyui' && status !== 'stopped'

/** A machine in the shape of RunComfy's, for whose clients all that isn't known is absent rather than null. */
export function serverView(machine: Machine, userId: string) {
  const { id, status, endsAt, error } = machine
  const comfyui = machine.services.find(({ name }) => name === 'comfyui')
  return {
    server_id: id,
    user_id: userId,
    server_type: machine.size.name,
    current_status: CURRENT_STATUS[status],
    /** In seconds. Those clients want the field always; null is without an end. */
    estimated_duration: machine.sessionMinutes === null ? null : Math.round(machine.sessionMinutes * 60),
    ...(comfyui && { main_service_url: comfyui.url }),
    // A machine that runs was last updated when it began to.
    ...(status === 'running' && { service_ready_at: machine.updatedAt }),
    ...(endsAt !== null && { estimated_stopping_at: endsAt }),
    ...(error && { error: `${error.message} ${error.cure}` }),
  }
}

/** @throws a Response that refuses, when there is no such server or it has stopped */
export async function findServer(api: Api, serverId: string | undefined): Promise<Machine> {
  const machine = await api.machines.get({ id: serverId ?? '' })
  if (isListed(machine)) return machine
  const error =
    machine.kind === 'comfyui'
      ? 'This server has stopped. Its machine keeps the files: relaunch or delete it in Slipway.'
      : 'There is no such server.'
  throw jsonAnswer({ error }, 404)
}
