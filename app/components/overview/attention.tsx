import { Link } from '@remix-run/react'
import { FAILED_TODAY } from '../../failed-launches/query'
import type { Api } from '../../trpc/router'
import { REDIS_FAULTS } from '../redis-faults'
import { Alert } from '../ui/alert'
import { buttonClasses } from '../ui/button'

type Overview = Awaited<ReturnType<Api['admin']['overview']>>

interface Need {
  title: string
  cure: string
  tone?: 'danger'
  page?: { to: string; text: string }
}

const WORKERS = { to: '/admin/workers', text: 'Workers' }

const NEEDS: Record<Exclude<Overview['attention'][number], 'failures'>, Need> = {
  no_worker: {
    title: 'No worker runs',
    cure: 'Nothing launches. Start one: npm start does, and its output says why a worker ends.',
    tone: 'danger',
    page: WORKERS,
  },
  silent_workers: {
    title: 'No worker takes jobs',
    cure: 'They live, but the queue brings them nothing. They connect anew by themselves; if this stays, look at Redis.',
    tone: 'danger',
    page: WORKERS,
  },
  redis: { ...REDIS_FAULTS.redis, tone: 'danger' },
  redis_memory: { ...REDIS_FAULTS.redis_memory, tone: 'danger' },
  redis_eviction_policy: REDIS_FAULTS.redis_eviction_policy,
  disk: {
    title: 'The disk is nearly full',
    cure: 'Without room nothing is written down and machines fail. Make room in DATA_DIR, have large cloud saves and machines deleted, or give it a larger disk.',
    tone: 'danger',
  },
  wal: {
    title: 'The database’s log has grown',
    cure: 'Something has been reading for long, so that SQLite can’t begin its log anew. Look for a backup or a shell that has the database open; if there is none, start Slipway again.',
  },
}

/** What somebody should look at, each with its cure. */
export function Attention({ overview: { attention, failures } }: { overview: Overview }) {
  return attention.map((what) => {
    const { title, cure, tone, page } = what === 'failures' ? failed(failures.waiting) : NEEDS[what]
    return (
      <Alert
        key={what}
        tone={tone ?? 'warning'}
        title={title}
        actions={
          page && (
            <Link to={page.to} className={buttonClasses({ size: 'sm' })}>
              {page.text}
            </Link>
          )
        }
      >
        {cure}
      </Alert>
    )
  })
}

const failed = (count: number): Need => ({
  title:
    count === 1 ? 'A launch of the last day has failed' : `${count} launches of the last day have failed`,
  cure: 'The reason of each has its cure beside it. Apply it, then retry.',
  page: { to: FAILED_TODAY, text: 'Failed launches' },
})
