import { Link } from '@remix-run/react'
import { pageWith } from '../../failed-launches/query'
import type { Api } from '../../trpc/router'
import { Confirm } from '../confirm'
import { buttonClasses } from '../ui/button'

const PERIODS = new Map([
  ['24h', ' of the last 24 hours'],
  ['7d', ' of the last 7 days'],
])

interface RetryAllProps {
  page: Pick<Awaited<ReturnType<Api['admin']['failedLaunches']>>, 'total' | 'beyondRetry'>
  filters: URLSearchParams
  isAsked: boolean
}

/** Retries everything that passes the filters, after a question. There is none without a reason to filter by. */
export function RetryAll({ page: { total, beyondRetry }, filters, isAsked }: RetryAllProps) {
  if (!filters.get('class') || total === 0) return null
  const all = total === 1 ? 'the one launch' : `all ${total} launches`
  if (!isAsked)
    return (
      <div className="border-b p-4">
        <Link
          to={`?${new URLSearchParams([...filters, ['ask', 'all']])}`}
          replace
          preventScrollReset
          className={buttonClasses()}
        >
          Retry {all} with this reason
        </Link>
      </div>
    )
  return (
    <div className="border-b p-4">
      <Confirm
        action={pageWith(filters)}
        back={pageWith(filters)}
        fields={Object.fromEntries(filters)}
        does={total === 1 ? 'Retry' : `Retry all ${total}`}
        keeps="Don’t retry"
        tone="primary"
      >
        Retry {all} with this reason{PERIODS.get(filters.get('within') ?? '')}
        {filters.get('search') && ` that “${filters.get('search')}” finds`}? {total === 1 ? 'It' : 'Each'}{' '}
        takes its owner’s tokens as they are saved now.
        {beyondRetry > 0 && ` ${whoseCureIsMissing(beyondRetry, total)}`}
      </Confirm>
    </div>
  )
}

const whoseCureIsMissing = (count: number, total: number) =>
  `${count === total ? (total === 1 ? 'It' : 'They') : count === 1 ? 'One of them' : `${count} of them`} will fail again unless the cure was applied first.`
