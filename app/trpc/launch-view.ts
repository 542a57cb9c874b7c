import type { LaunchProgress } from '../../db/launch-progress'
import type { MachineDetails } from '../../db/machines'
import { SERVICES_OF, type ServiceName } from '../../db/schema'
import { tellsMore } from '../../launch-events'
import type { MachineKind } from '../../providers/registry'
import type { Services } from './context'

/** Which services a kind of machine has here. */
export const servicesHere = (
  { hasComfyui, hasTrainer }: Pick<Services['policy'], 'hasComfyui' | 'hasTrainer'>,
  kind: MachineKind,
): ServiceName[] => {
  const has: Record<ServiceName, boolean> = { comfyui: hasComfyui, trainer: hasTrainer, filebrowser: true }
  return SERVICES_OF[kind].filter((name) => has[name])
}

type StageName = 'queued' | 'tokens' | 'workspace' | ServiceName | 'running'
type StageState = 'waiting' | 'current' | 'done' | 'failed'

const SERVICES: Record<ServiceName, string> = {
  comfyui: 'ComfyUI',
  filebrowser: 'the file manager',
  trainer: 'the trainer',
}
const upperFirst = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
const ofService = (name: ServiceName): Record<StageState, string> => ({
  waiting: `Start ${SERVICES[name]}`,
  current: `Starting ${SERVICES[name]}`,
  done: `${upperFirst(SERVICES[name])} answers`,
  failed: `${upperFirst(SERVICES[name])} did not answer`,
})
const LABELS: Record<StageName, Record<StageState, string>> = {
  queued: { waiting: 'Queued', current: 'Queued', done: 'Queued', failed: 'Queued' },
  tokens: {
    waiting: 'Take your tokens',
    current: 'Taking your tokens',
    done: 'Tokens taken',
    failed: 'Tokens not taken',
  },
  workspace: {
    waiting: 'Restore the save',
    current: 'Restoring the save',
    done: 'Save restored',
    failed: 'Save not restored',
  },
  comfyui: ofService('comfyui'),
  filebrowser: ofService('filebrowser'),
  trainer: ofService('trainer'),
  running: { waiting: 'Running', current: 'Running', done: 'Running', failed: 'Running' },
}

interface Span {
  name: StageName
  service?: ServiceName
  from: number | undefined
  to: number | undefined
}

/**
 * From when to when each stage lasted. Services start together, once tokens and workspace are there. Lines of the
 * timeline may be missing, as no launch waits for them: on a machine that came to run everything went well.
 */
function spansOf({ askedAt, reached }: LaunchProgress, services: readonly ServiceName[]): Span[] {
  const restoringAt = reached.get('restoring')
  const readyAt = restoringAt === undefined ? reached.get('tokens') : reached.get('restored')
  const runningAt = reached.get('running')
  return [
    { name: 'queued', from: reached.get('queued') ?? askedAt, to: reached.get('starting') },
    { name: 'tokens', from: reached.get('starting'), to: reached.get('tokens') },
    ...(restoringAt === undefined
      ? []
      : [{ name: 'workspace' as const, from: restoringAt, to: reached.get('restored') ?? runningAt }]),
    ...services.map((name) => ({ name, service: name, from: readyAt, to: reached.get(name) ?? runningAt })),
    { name: 'running', from: runningAt, to: runningAt },
  ]
}

/**
 * How far the present attempt is, stage by stage, as its timeline tells. Null for a launch that was stopped, and
 * where the timeline no longer reaches back so far.
 */
export function launchView(
  machine: Pick<MachineDetails, 'kind' | 'status' | 'tokens' | 'events' | 'launch'>,
  policy: Pick<Services['policy'], 'hasComfyui' | 'hasTrainer'>,
  now: number,
) {
  const { launch, status } = machine
  if (!launch) return null
  const runningAt = launch.reached.get('running')
  const isUnderWay = status === 'queued' || status === 'starting'
  if (runningAt === undefined && !isUnderWay && status !== 'failed') return null
  const end = runningAt ?? (isUnderWay ? now : (launch.endedAt ?? now))
  const last = machine.events.at(-1)?.text
  return {
    /** Milliseconds from when it was asked for until it ran or failed; until now while it lasts. */
    ms: Math.max(0, end - launch.askedAt),
    isUnderWay,
    /** Whether it came as far as running. */
    hasRun: runningAt !== undefined,
    /** What is going on beyond the stages, such as how much of an image was pulled. */
    note: isUnderWay && last && tellsMore(last) ? last : null,
    stages: spansOf(launch, servicesHere(policy, machine.kind)).map(({ name, service = null, from, to }) => {
      const state: StageState =
        to !== undefined ? 'done' : from === undefined ? 'waiting' : isUnderWay ? 'current' : 'failed'
      const isNone = name === 'tokens' && state === 'done' && !machine.tokens.length
      return {
        name,
        /** The one that it waits for, if any. */
        service,
        state,
        label: isNone ? 'No tokens to take' : LABELS[name][state],
        /** How long it took, or has taken by now; null while it has not begun. */
        ms: from === undefined ? null : Math.max(0, (to ?? end) - from),
      }
    }),
  }
}
