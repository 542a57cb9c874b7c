import * as z from 'zod'
import type { ServiceAddress } from '../db/machine-outcomes'
import { askService } from './ask-service'

/** What tells, of an answer to a path of a service, whether the service is at work. */
const QUESTIONS = {
  /** ComfyUI's prompts. */
  comfyui: {
    path: '/queue',
    answer: z
      .object({ queue_running: z.array(z.unknown()), queue_pending: z.array(z.unknown()) })
      .transform(({ queue_running, queue_pending }) => queue_running.length + queue_pending.length > 0),
  },
  /** The file manager's downloads; what is paused goes on only when somebody is there. */
  filebrowser: {
    path: '/api/downloads?state=queued,checking,verifying,downloading,waiting&limit=1',
    answer: z
      // Programs that are older answer with all of them, some without a state.
      .array(z.object({ finishedAt: z.string().nullable(), state: z.string().optional() }))
      .transform((downloads) =>
        downloads.some(({ finishedAt, state }) => finishedAt === null && state !== 'paused'),
      ),
  },
}

/**
 * Asks the services of a machine whether they are doing something without anybody watching.
 * @returns undefined when one of them doesn't tell
 */
export async function isAtWork(
  services: readonly ServiceAddress[],
  shutdown: AbortSignal,
): Promise<boolean | undefined> {
  const answers = await Promise.all(services.map((service) => ask(service, shutdown)))
  if (answers.includes(true)) return true
  return answers.includes(undefined) ? undefined : false
}

async function ask({ name, address }: ServiceAddress, shutdown: AbortSignal): Promise<boolean | undefined> {
  if (name === 'trainer') return undefined
  const { path, answer } = QUESTIONS[name]
  const said = await askService(address + path, shutdown)
  // A program of another kind in ComfyUI's place has no prompts.
  if (said?.status === 404) return false
  return said?.status === 200 ? answer.safeParse(said.body).data : undefined
}
