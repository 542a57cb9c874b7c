import { ExternalLink } from 'lucide-react'
import type { ProviderTokenAnswer } from '../../provider-token-forms'
import type { Api } from '../../trpc/router'
import { Alert } from '../ui/alert'
import { CheckResult } from './check-result'
import { ClearForm } from './clear-form'
import { Holders } from './holders'
import { ModelQuestion } from './model-question'
import { Relaunched } from './relaunched'
import { SavedToken } from './saved-token'
import { TokenForm } from './token-form'

export type Token = Awaited<ReturnType<Api['providerTokens']['list']>>[number]

interface RowProps {
  token: Token
  /** What the row shows besides the saved state; part of the address, so that it works without scripts. */
  mode: 'edit' | 'clear' | undefined
  mayRelaunch: boolean
  /** Which session it is asked about if it should be relaunched, or all. */
  relaunching: string | undefined
  answer: ProviderTokenAnswer | undefined
}

/** One provider: the input while nothing is saved, else what is known of the token and who holds it. */
export function ProviderTokenRow({ token, mode, mayRelaunch, relaunching, answer }: RowProps) {
  const { fault } = answer ?? {}
  const ofRow = fault && fault.field !== 'token' && fault.field !== 'model' ? fault.message : answer?.note
  return (
    <li className="flex flex-col gap-3 p-4" aria-label={token.label}>
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <h3 className="font-medium">{token.label}</h3>
        <a
          href={token.tokenPage}
          target="_blank"
          rel="noreferrer"
          className="inline-flex items-center gap-1 text-accent hover:underline"
        >
          Get a {token.label} token <ExternalLink aria-hidden className="size-3.5" />
        </a>
      </div>
      {!token.saved || mode === 'edit' ? (
        <TokenForm
          token={token}
          fault={fault?.field === 'token' ? fault : undefined}
          hasFocus={mode === 'edit'}
        />
      ) : mode === 'clear' ? (
        <ClearForm token={token} />
      ) : (
        <SavedToken token={token} />
      )}
      {ofRow && <Alert tone="warning">{ofRow}</Alert>}
      {answer?.relaunched && <Relaunched ids={answer.relaunched} holders={token.holders} />}
      {token.saved && !mode && <CheckResult token={token} />}
      <Holders token={token} mayRelaunch={mayRelaunch} relaunching={relaunching} />
      {token.checksOn && (
        <ModelQuestion
          token={token}
          answer={answer?.model}
          fault={fault?.field === 'model' ? fault.message : undefined}
        />
      )}
    </li>
  )
}
