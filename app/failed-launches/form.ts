import { formText, submitted } from '../guard'
import type { Api } from '../trpc/router'

type Wanted = Parameters<Api['admin']['retryFailed']>[0]

/** What the retries of a form came to, in sentences. */
export interface RetryAnswer {
  tone: 'success' | 'warning' | 'danger'
  told: string
  /** What was not done, and why. */
  refusals: string[]
}

/** Retries one launch, those that were ticked, or a class, as the button says. */
export async function retryAction({ admin }: Api, form: FormData): Promise<RetryAnswer> {
  const one = formText(form, 'one')
  const ids = one ? [one] : form.getAll('id').map(String)
  const text = (name: string) => formText(form, name) || undefined
  const ofClass = text('class')
  if (!ofClass && !ids.length)
    return { tone: 'danger', told: 'Nothing was chosen. Tick the launches to retry.', refusals: [] }
  const { fault, done } = await submitted(
    admin.retryFailed(
      ofClass ? ({ class: ofClass, search: text('search'), within: text('within') } as Wanted) : { ids },
    ),
  )
  if (fault) return { tone: 'danger', told: fault.message, refusals: [] }
  const refusals = done.results.flatMap((result) => ('refused' in result ? [result.refused] : []))
  const queued = done.results.flatMap((result) => ('attempt' in result ? [result.attempt] : []))
  return {
    tone: refusals.length ? 'warning' : 'success',
    told: [queuedAgain(queued), done.left > 0 && `${done.left} of this kind are left: retry all again.`]
      .filter(Boolean)
      .join(' '),
    refusals: [...new Set(refusals)].map((reason) => {
      const count = refusals.filter((other) => other === reason).length
      return count === 1 ? reason : `${reason} (${count} times)`
    }),
  }
}

function queuedAgain([first, ...others]: number[]): string {
  if (first === undefined) return 'Nothing was queued again.'
  if (!others.length) return `Queued again as attempt ${first}.`
  return `${others.length + 1} launches are queued again.`
}
