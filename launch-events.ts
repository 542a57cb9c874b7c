import type { ServiceName } from './db/schema'

/**
 * What the timeline says of a launch as it goes on. Whoever writes one of these lines takes it from here, so that
 * whoever reads the timeline knows again how far the launch is.
 */

export const QUEUED = 'Queued'
export const STARTING = 'Starting'
export const RUNNING = 'Running'
/** What a launch does with the cloud save that it starts from; its name follows. */
export const CHECKING_SAVE = 'Checking the save'
export const RESTORING_SAVE = 'Restoring the save'
export const RESTORED_SAVE = 'Restored the save'
const NO_TOKENS = 'No tokens are saved; none were taken'
const TOOK = 'Took the saved tokens: '
const QUEUED_AGAIN = 'Queued again by an administrator'

export const queuedAgain = (attempt: number) => `${QUEUED_AGAIN} (attempt ${attempt})`
export const tookTokens = (tokens: readonly string[]) =>
  tokens.length ? `${TOOK}${tokens.join(', ')}` : NO_TOKENS
export const triesAgain = (failure: string, seconds: number) => `${failure} Trying again in ${seconds} s`
const TRIES_AGAIN = / Trying again in -?\d+ s$/

/** What people call a service. */
const SERVICE_LABELS: Record<ServiceName, string> = {
  comfyui: 'ComfyUI',
  filebrowser: 'The file manager',
  trainer: 'The trainer',
}
export const answers = (service: ServiceName) => `${SERVICE_LABELS[service]} answers`

/** What a launch has reached, by the line that says so; a service's name is that it answers. */
export type Milestone = 'queued' | 'starting' | 'tokens' | 'restoring' | 'restored' | ServiceName | 'running'

const LINES = new Map<string, Milestone>([
  [QUEUED, 'queued'],
  [STARTING, 'starting'],
  [NO_TOKENS, 'tokens'],
  [RUNNING, 'running'],
  ...(Object.keys(SERVICE_LABELS) as ServiceName[]).map((name): [string, Milestone] => [answers(name), name]),
])
const BEGINNINGS: readonly [string, Milestone][] = [
  [QUEUED_AGAIN, 'queued'],
  [TOOK, 'tokens'],
  [CHECKING_SAVE, 'restoring'],
  [RESTORING_SAVE, 'restoring'],
  [RESTORED_SAVE, 'restored'],
]

/** @returns undefined for a line that is about something else */
export function milestoneOf(line: string): Milestone | undefined {
  if (TRIES_AGAIN.test(line)) return 'queued'
  return LINES.get(line) ?? BEGINNINGS.find(([beginning]) => line.startsWith(beginning))?.[1]
}

/** Whether a line tells more than which milestone was reached. */
export const tellsMore = (line: string): boolean => !LINES.has(line)
