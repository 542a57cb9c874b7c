import type { Api } from '../trpc/router'
import { Confirm } from './confirm'
import { Fact, Facts } from './facts'
import { ModeLink } from './mode-link'
import { Badge } from './ui/badge'
import { RelativeTime } from './ui/relative-time'

type Session = Awaited<ReturnType<Api['account']['sessions']>>[number]

export function SessionRow({ session, isEnding }: { session: Session; isEnding: boolean }) {
  const { id, browser, address, isThisOne } = session
  return (
    <li className="flex flex-col gap-2 p-4" aria-label={browser}>
      <div className="flex items-start gap-3">
        <div className="flex min-w-0 flex-1 flex-col gap-2">
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <h2 className="font-medium wrap-anywhere">{browser}</h2>
            {isThisOne && <Badge tone="accent">This browser</Badge>}
          </div>
          <Facts>
            <Fact name="Address">{address || 'unknown'}</Fact>
            <Fact name="Last seen">
              <RelativeTime at={session.lastSeenAt} />
            </Fact>
            <Fact name="Signed in">
              <RelativeTime at={session.createdAt} />
            </Fact>
          </Facts>
        </div>
        {!isThisOne && !isEnding && (
          <ModeLink to={`?end=${id}`} label={`End the session of ${browser}`}>
            End
          </ModeLink>
        )}
      </div>
      {isEnding && (
        <Confirm action="/profile/sessions" fields={{ id }} does="End session" keeps="Keep it">
          Sign out {browser}? Its pages and open machines stop answering at once.
        </Confirm>
      )}
    </li>
  )
}
