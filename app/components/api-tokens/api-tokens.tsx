import { Link } from '@remix-run/react'
import { Plus } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Api } from '../../trpc/router'
import { Outcome } from '../outcome'
import { buttonClasses } from '../ui/button'
import { Section } from '../ui/card'
import { ApiTokenRow } from './api-token-row'

export type ApiToken = Awaited<ReturnType<Api['apiTokens']['list']>>[number]

interface ApiTokensProps {
  tokens: ApiToken[]
  /** The token whose row asks whether to revoke it. */
  revoking: string | null
  /** The token that was just revoked. */
  revoked: string | null
}

/** So many that the third-party tokens below are in sight when the page opens. */
const SHOWN = 2

/** The user's API tokens: those that open something, and, folded, those that no longer do. */
export function ApiTokens({ tokens, revoking, revoked }: ApiTokensProps) {
  const active = tokens.filter(({ state }) => state === 'active')
  const more = active.slice(SHOWN)
  const ended = tokens.filter(({ state }) => state !== 'active')
  const justEnded = ended.find(({ id, state }) => id === revoked && state === 'revoked')
  return (
    <Section
      title="API Tokens"
      description="They let scripts and the command line act as you, within their scopes."
      actions={
        <Link to="/profile/api-tokens/new" className={buttonClasses({ size: 'sm' })}>
          <Plus aria-hidden /> New API token
        </Link>
      }
      padded={false}
    >
      {justEnded && (
        <div className="p-4 pb-0">
          <Outcome key={justEnded.id} tone="success">
            “{justEnded.name}” is revoked. It opens nothing any more.
          </Outcome>
        </div>
      )}
      {active.length === 0 ? (
        <p className="px-4 py-3 text-muted">
          <span className="font-medium text-text">
            {ended.length ? 'No API token is active.' : 'No API tokens yet.'}
          </span>{' '}
          Make one for each script or tool, to revoke it alone; the command line makes its own.
        </p>
      ) : (
        <Rows tokens={active.slice(0, SHOWN)} revoking={revoking} />
      )}
      {more.length > 0 && (
        <Folded says={`${more.length} more active`} isOpen={more.some(({ id }) => id === revoking)}>
          <Rows tokens={more} revoking={revoking} />
        </Folded>
      )}
      {ended.length > 0 && (
        <Folded says={`${ended.length} revoked or expired ${ended.length === 1 ? 'token' : 'tokens'}`}>
          <Rows tokens={ended} revoking={null} />
        </Folded>
      )}
    </Section>
  )
}

const Rows = ({ tokens, revoking }: Pick<ApiTokensProps, 'tokens' | 'revoking'>) => (
  <ul className="divide-y">
    {tokens.map((token) => (
      <ApiTokenRow key={token.id} token={token} isRevoking={token.id === revoking} />
    ))}
  </ul>
)

const Folded = ({ says, isOpen, children }: { says: string; isOpen?: boolean; children: ReactNode }) => (
  <details open={isOpen} className="border-t">
    <summary className="px-4 py-3 text-muted">{says}</summary>
    <div className="border-t">{children}</div>
  </details>
)
