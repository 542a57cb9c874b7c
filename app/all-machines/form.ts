import { formText, submitted } from '../guard'
import type { Api } from '../trpc/router'

/** Stops or retries the machine that a form names, and says what came of it. */
export async function machineAction({ admin }: Api, form: FormData) {
  const id = formText(form, 'id')
  // Two answers may say the same.
  const at = Date.now()
  if (formText(form, 'intent') === 'stop') {
    const { fault } = await submitted(admin.stopMachine({ id }))
    return { at, ...(fault ? refused(fault.message) : { tone: 'success' as const, told: 'It is stopping.' }) }
  }
  const { fault, done } = await submitted(admin.retryLaunch({ id }))
  if (fault) return { at, ...refused(fault.message) }
  return { at, tone: 'success' as const, told: `Queued again as attempt ${done.attempt}.` }
}

const refused = (told: string) => ({ tone: 'danger' as const, told })
