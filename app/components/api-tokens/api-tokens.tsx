import { Link } from '@remix-run/react'
import { KeyRound, Plus } from 'lucide-react'
import type { Api } from '../../trpc/router'
import { Outcome } from '../outcome'
import { buttonClasses } from '../ui/button'
import { Section } from '../ui/card'
import { EmptyState } from '../ui/empty-state'
import { ApiTokenRow } from './api-token-row'

export type ApiToken = Awaited<ReturnType<Api['apiTokens']['list']>>[number]

interface ApiTokensProps {
  tokens: ApiToken[]
  /** The token whose row asks whether to revoke it. */
  revoking: string | null
  /** The token that was just revoked. */
  revoked: string | null
}

/** The user's API tokens: those that open something, and, folded, those that no longer do. */
export function ApiTokens({ tokens, revoking, revoked }: ApiTokensProps) {
  const active = tokens.filter(({ state }) => state === 'active')
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
        <EmptyState icon={KeyRound} title={ended.length ? 'No API token is active' : 'No API tokens yet'}>
          Make one for a script that launches machines, or for a tool that reads what you have here. The
          command line makes its own when it logs in. Your sign-in stays out of it, and you can revoke each
          one alone.
        </EmptyState>
      ) : (
        <ul className="divide-y">
          {active.map((token) => (
            <ApiTokenRow key={token.id} token={token} isRevoking={token.id === revoking} />
          ))}
        </ul>
      )}
      {ended.length > 0 && (
        <details className="border-t">
          <summary className="px-4 py-3 text-muted">
            {ended.length} revoked or expired {ended.length === 1 ? 'token' : 'tokens'}
          </summary>
          <ul className="divide-y border-t">
            {ended.map((token) => (
              <ApiTokenRow key={token.id} token={token} isRevoking={false} />
            ))}
          </ul>
        </details>
      )}
    </Section>
  )
}
