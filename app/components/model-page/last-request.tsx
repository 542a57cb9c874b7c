import { Link } from '@remix-run/react'
import { useEffect, useRef } from 'react'
import { Milestones } from '../requests/milestones'
import { RequestActions } from '../requests/request-actions'
import { RequestOutcome } from '../requests/request-outcome'
import { RequestStatus } from '../requests/request-status'
import type { Request } from '../requests/stages'
import { useRequest } from '../requests/use-request'
import { Section } from '../ui/card'

interface LastRequestProps {
  loaded: Request | undefined
  outputs: { name: string; title: string }[]
  /** What it ran with, where that is nothing that was given. */
  seeds: { title: string; value: string }[]
  idempotencyKey: string | undefined
}

/** The request that was just made, while it runs and when it has ended. */
export function LastRequest({ loaded, outputs, seeds, idempotencyKey }: LastRequestProps) {
  const request = useRequest(loaded)
  const id = request?.id
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (id) box.current?.scrollIntoView({ block: 'nearest' })
  }, [id])
  return (
    <div ref={box} className="min-w-0 scroll-my-4">
      <Milestones request={request} />
      <Section
        title="Result"
        actions={
          request && (
            <>
              <RequestStatus request={request} />
              <RequestActions request={request} idempotencyKey={idempotencyKey} />
            </>
          )
        }
      >
        {request ? (
          <div className="flex flex-col gap-4">
            <RequestOutcome request={request} outputs={outputs} />
            <p className="text-xs text-muted">
              {seeds.map(({ title, value }) => `${title}: ${value} · `)}
              <Link to={`/requests/${request.id}`} className="underline hover:text-text">
                All about this request
              </Link>
            </p>
          </div>
        ) : (
          <p className="text-muted">
            What comes out appears here. You can leave the page meanwhile: it goes on, and is kept in{' '}
            <Link to="/requests" className="underline hover:text-text">
              your requests
            </Link>
            .
          </p>
        )}
      </Section>
    </div>
  )
}
