import type { V1Pod } from '@kubernetes/client-node'
import { scrub } from '../../../scrub'
import { LaunchError } from '../../launch-errors'
import type { LaunchPlan } from '../runtime'
import { ask, type Cluster } from './cluster'
import { isForGood, podFailure, unschedulable } from './failures'
import { listPods } from './pods'
import type { PodView } from './view'

/** How often a place in the queue is looked up. */
const LOOK_EVERY_MS = 10_000
/** So often the timeline says that nothing is wrong yet. */
const REPORT_EVERY_MS = 5 * 60_000

const UNSEEN = 'No scheduler has looked at the Pod.'

const TAIL_LINES = 100
const TAIL_CHARACTERS = 4000

export interface Waiting {
  cluster: Cluster
  view: PodView
  plan: Pick<LaunchPlan, 'report' | 'secrets'>
  /** Labels of all that may be ahead in the queue for a place. */
  rivals: string
  startTimeoutMs: number
  /** How long images and volumes may take on the node. */
  preparationMaxMs: number
}

/**
 * Returns once every container of a Pod runs.
 * @throws LaunchError with the class of what keeps them from it
 */
export async function untilRunning(waiting: Waiting): Promise<void> {
  const { view, plan, startTimeoutMs, preparationMaxMs } = waiting
  let [waitingSince, preparingSince, reportedAt, place] = [0, 0, Date.now(), 0]
  for (;;) {
    await assertAlive(waiting)
    const pod = view.look()
    if (isRunning(pod)) return
    const now = Date.now()
    if (!isPlaced(pod)) {
      waitingSince ||= now
      const found = unschedulable(pod)
      const lacking = found ?? UNSEEN
      if (isForGood(lacking)) throw new LaunchError('cluster_refused', lacking)
      if (now - waitingSince > startTimeoutMs)
        throw new LaunchError('no_room', `No node within ${startTimeoutMs / 1000} s: ${lacking}`)
      const before = place
      // Right after it was made nobody has looked at it yet.
      if (found !== undefined || now - waitingSince >= LOOK_EVERY_MS) place = await placeInQueue(waiting, pod)
      if (place !== before) plan.report(`Waiting for room in the cluster, as number ${place}: ${lacking}`)
    } else {
      preparingSince ||= now
      if (now - preparingSince > preparationMaxMs)
        throw new LaunchError('start_hung', await lastWarning(waiting.cluster, pod))
      if (now - reportedAt > REPORT_EVERY_MS) {
        reportedAt = now
        plan.report('Still fetching images and volumes')
      }
    }
    await view.change(pod, Math.min(LOOK_EVERY_MS, startTimeoutMs, preparationMaxMs))
  }
}

/** @throws LaunchError once one of the Pod's containers has ended or can't be run */
export async function assertAlive({ cluster, view, plan }: Waiting): Promise<void> {
  const failure = podFailure(view.look())
  if (!failure) return
  const { error, ended } = failure
  if (!ended) throw error
  const tail = await logTail(cluster, view.look(), ended, plan.secrets)
  throw new LaunchError(error.errorClass, `${error.detail} Its last lines:\n${tail}`)
}

const isRunning = ({ spec, status }: V1Pod) =>
  status?.containerStatuses?.length === spec?.containers.length &&
  (status?.containerStatuses?.every(({ state }) => state?.running) ?? false)

const isPlaced = ({ spec }: V1Pod) => Boolean(spec?.nodeName)

async function placeInQueue({ cluster, rivals }: Waiting, pod: V1Pod): Promise<number> {
  const since = ({ metadata }: V1Pod) => new Date(metadata?.creationTimestamp ?? 0).getTime()
  const { items } = await listPods(cluster, rivals)
  const ahead = items.filter((other) => unschedulable(other) !== undefined && since(other) < since(pod))
  return ahead.length + 1
}

/** The end of a container's output, without what it may have printed of its environment. */
export async function logTail(
  { api, namespace }: Cluster,
  { metadata }: V1Pod,
  container: string,
  secrets: readonly string[],
): Promise<string> {
  const request = { namespace, name: metadata?.name ?? '', container, tailLines: TAIL_LINES }
  try {
    // Scrubbed before it is cut: half a secret would not be found.
    return scrub((await ask(() => api.readNamespacedPodLog(request))) ?? '', secrets).slice(-TAIL_CHARACTERS)
  } catch (error) {
    return `Its output could not be read: ${(error as Error).message}`
  }
}

/** Why a container that should be there is not: only events say it. */
async function lastWarning({ api, namespace }: Cluster, { metadata }: V1Pod): Promise<string> {
  const fieldSelector = `involvedObject.uid=${metadata?.uid},type=Warning`
  try {
    const { items } = await ask(() => api.listNamespacedEvent({ namespace, fieldSelector }))
    const last = items.at(-1)
    if (last) return `${last.reason}: ${last.message}`
  } catch {
    // Slipway may not be allowed to read them.
  }
  return `The images or volumes of the Pod ${metadata?.name} were not there in time. Its events say why.`
}
