import type { ReactNode } from 'react'
import { Badge } from '../ui/badge'
import { Day } from '../ui/day'
import { RelativeTime } from '../ui/relative-time'
import type { Grant } from './question'

/** Everything that is known of what asks. What it says of itself stands isolated: its script may run the other way. */
export function WhatAsks({ grant }: { grant: Grant }) {
  return (
    <dl className="grid gap-x-6 gap-y-3 sm:grid-cols-[auto_1fr]">
      <Row name="Device" note="The name that it gave itself.">
        <bdi className="font-medium">{grant.deviceName}</bdi>
      </Row>
      <Row
        name="Program"
        note={
          grant.introducedAs && (
            <>
              It says it is “<bdi>{grant.introducedAs}</bdi>”.
            </>
          )
        }
      >
        <bdi>{grant.clientName}</bdi>
      </Row>
      <Row name="From" note={grant.isFromElsewhere && 'Another address than this browser’s.'}>
        {grant.address}
      </Row>
      <Row name="Begun">
        <RelativeTime at={grant.createdAt} tabIndex={-1} />
      </Row>
      <Row name="It may">
        <ul className="flex flex-col gap-1">
          {grant.rights.map(({ text, isForAdmins }) => (
            <li key={text} className="flex flex-wrap items-center gap-x-2">
              {text} {isForAdmins && <Badge tone="danger">Administration</Badge>}
            </li>
          ))}
        </ul>
      </Row>
      <Row name="Acts as" note="Unless you revoke its token earlier, on your Profile page.">
        {grant.userName}, until <Day at={grant.tokenExpiresAt} />
      </Row>
    </dl>
  )
}

function Row({ name, note, children }: { name: string; note?: ReactNode; children: ReactNode }) {
  return (
    <div className="contents">
      <dt className="text-muted max-sm:-mb-2.5">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">
        {children}
        {note && <p className="text-xs text-muted">{note}</p>}
      </dd>
    </div>
  )
}
