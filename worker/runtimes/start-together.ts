import type { ServiceAddress } from '../../db/machine-outcomes'
import { answers } from '../../launch-events'
import { inSpan } from '../../telemetry/tracing'
import type { LaunchPlan } from './runtime'

type Part = LaunchPlan['snapshot'][number]

/**
 * Starts all services of a machine at once. When one fails the others are given up.
 * @param startOne returns the service's address once it answers there
 * @returns or throws once every one of them has come to an end: what one made after that would be left behind
 */
export async function startTogether(
  plan: Pick<LaunchPlan, 'snapshot' | 'report' | 'span'>,
  signal: AbortSignal,
  startOne: (part: Part, signal: AbortSignal) => Promise<string>,
): Promise<ServiceAddress[]> {
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  const starting = plan.snapshot.map(async (part): Promise<ServiceAddress> => {
    try {
      const { service } = part
      const address = await inSpan(plan.span, 'service ready', { 'slipway.service': service }, () =>
        startOne(part, either),
      )
      plan.report(answers(part.service))
      return { name: part.service, address }
    } catch (error) {
      failed.abort(error)
      throw error
    }
  })
  await Promise.allSettled(starting)
  either.throwIfAborted()
  return Promise.all(starting)
}
