import { Confirm } from '../confirm'
import { Fact, Facts } from '../facts'
import { ModeLink } from '../mode-link'
import { Badge } from '../ui/badge'
import { Day } from '../ui/day'
import { RelativeTime } from '../ui/relative-time'
import type { ApiToken } from './api-tokens'

/** One token: all that is ever shown of it, and the way to end it. */
export function ApiTokenRow({ token, isRevoking }: { token: ApiToken; isRevoking: boolean }) {
  const isActive = token.state === 'active'
  return (
    <li className="flex flex-col gap-2 p-4" aria-label={token.name}>
      <div className="flex items-start gap-3">
        <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-2 gap-y-1">
          <h3 className="font-medium wrap-anywhere">{token.name}</h3>
          <Badge>
            <bdi>{token.clientId === 'runcomfy' ? 'Command line' : (token.clientName ?? 'API')}</bdi>
          </Badge>
          {token.state === 'revoked' && <Badge tone="danger">Revoked</Badge>}
          {token.state === 'expired' && <Badge tone="warning">Expired</Badge>}
          <code className="w-full font-mono text-muted wrap-anywhere">{token.masked}</code>
        </div>
        {isActive && !isRevoking && (
          <ModeLink to={`?revoke=${token.id}`} label={`Revoke ${token.name}`}>
            Revoke
          </ModeLink>
        )}
      </div>
      <Facts>
        <Fact name="Scopes">{token.scopes.join(', ')}</Fact>
        <Fact name="Created">
          <RelativeTime at={token.createdAt} />
        </Fact>
        <Fact name="Last used">{token.lastUsedAt ? <RelativeTime at={token.lastUsedAt} /> : 'never'}</Fact>
        {token.revokedAt && (
          <Fact name="Revoked">
            <RelativeTime at={token.revokedAt} />
          </Fact>
        )}
        {token.state !== 'revoked' && (
          <Fact name={isActive ? 'Expires' : 'Expired'}>
            {token.expiresAt ? <Day at={token.expiresAt} /> : 'never'}
          </Fact>
        )}
      </Facts>
      {isRevoking && (
        <Confirm action={`/profile/api-tokens/${token.id}/revoke`} does="Revoke for good" keeps="Keep it">
          Revoke “{token.name}”? Whatever uses it is refused at once. A revoked token never works again.
        </Confirm>
      )}
    </li>
  )
}
