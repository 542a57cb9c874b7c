import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node'
import { LaunchError } from '../../launch-errors'
import { ApiRefusal } from './cluster'

/** What registries say of images that they don't have, or don't give to us. */
const NOT_THERE = /not found|unknown|denied|unauthorized|does not exist|no basic auth|invalid reference/i
const NO_PROGRAM = /executable file not found|no such file or directory|permission denied/i
/** How a shell ends when the program can't be run or isn't there. */
const NOT_EXECUTABLE = [126, 127]
/** A node that took a Pod and then found that it has no room for it. */
const REJECTED = /^(OutOf|UnexpectedAdmissionError|Preempt)/

/** Whether it passes once something else in the namespace ends. */
export const isOverQuota = (error: unknown): error is ApiRefusal =>
  error instanceof ApiRefusal && /exceeded quota/i.test(error.message)

/** The class of what the API refused. */
export function refusal(error: unknown): unknown {
  if (!(error instanceof ApiRefusal)) return error
  const { status, message } = error
  if (isOverQuota(error)) return new LaunchError('quota_exceeded', message)
  if (status === 401)
    return new LaunchError('cluster_forbidden', `The cluster does not know who asks: ${message}`)
  if (/ cannot \w+ resource /.test(message)) return new LaunchError('cluster_forbidden', message)
  if ([400, 403, 404, 422].includes(status)) return new LaunchError('cluster_refused', message)
  return new LaunchError('runtime_unavailable', message)
}

export interface PodFailure {
  error: LaunchError
  /** The container whose last lines say more. */
  ended?: string
}

/** Why a Pod will not come to run as a whole, as far as its status says; undefined while it may. */
export function podFailure(pod: V1Pod): PodFailure | undefined {
  for (const container of pod.status?.containerStatuses ?? []) {
    const error = waitingFailure(container)
    if (error) return { error }
    if (container.state?.terminated) return { error: endFailure(container), ended: container.name }
  }
  const { phase, reason = '', message = '' } = pod.status ?? {}
  const said = [reason, message].filter(Boolean).join(': ')
  if (pod.metadata?.deletionTimestamp)
    return {
      error: new LaunchError('service_exited', `The Pod was deleted while it started. ${said}`.trim()),
    }
  if (phase !== 'Failed' && phase !== 'Succeeded') return undefined
  const errorClass = REJECTED.test(reason) ? 'runtime_unavailable' : 'service_exited'
  return { error: new LaunchError(errorClass, `The Pod ended. ${said}`.trim()) }
}

function waitingFailure({ image, state }: V1ContainerStatus): LaunchError | undefined {
  const { reason = '', message = '' } = state?.waiting ?? {}
  const text = `The image ${image}: ${reason}. ${message}`.trim()
  switch (reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
    case 'RegistryUnavailable':
      return new LaunchError(NOT_THERE.test(message) ? 'image_unavailable' : 'registry_unreachable', text)
    case 'ErrImageNeverPull':
      return new LaunchError('image_unavailable', text)
    case 'InvalidImageName':
    case 'CreateContainerConfigError':
      return new LaunchError('cluster_refused', text)
    case 'CreateContainerError':
    case 'RunContainerError':
      return new LaunchError(NO_PROGRAM.test(message) ? 'command_not_found' : 'runtime_unavailable', text)
    default:
      return undefined
  }
}

function endFailure({ name, state }: V1ContainerStatus): LaunchError {
  const { reason = '', message = '', exitCode = 0 } = state?.terminated ?? {}
  if (NOT_EXECUTABLE.includes(exitCode) || NO_PROGRAM.test(message))
    return new LaunchError(
      'command_not_found',
      `${name} could not be run (exit code ${exitCode}). ${message}`,
    )
  const how = reason === 'OOMKilled' ? 'ran out of memory' : `ended (exit code ${exitCode})`
  return new LaunchError('service_exited', `${name} ${how} while it was starting. ${message}`.trim())
}

/** What ended a machine that was running, for whoever finds it gone; empty when nothing is said of it. */
export function whyGone(pod: V1Pod): string {
  const { reason, message, containerStatuses = [] } = pod.status ?? {}
  const ends = containerStatuses.flatMap(({ name, state }) => {
    const end = state?.terminated
    return end ? [`${name}: ${end.reason ?? 'ended'}, exit code ${end.exitCode}`] : []
  })
  return [[reason, message].filter(Boolean).join(': '), ...ends].filter(Boolean).join('; ')
}

/** What the scheduler says of a Pod that it found no node for. */
export function unschedulable(pod: V1Pod): string | undefined {
  const condition = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')
  return condition?.status === 'False' ? (condition.message ?? condition.reason ?? '') : undefined
}

/** Room that may come does not help a Pod whose claim is not there. */
export const isForGood = (message: string) => /persistentvolumeclaim .* not found/i.test(message)
