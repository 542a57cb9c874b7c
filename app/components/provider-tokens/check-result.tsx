import { RefreshCw } from 'lucide-react'
import { Alert } from '../ui/alert'
import { Badge, type Tone } from '../ui/badge'
import { RelativeTime } from '../ui/relative-time'
import { IntentForm } from './intent'
import { OutsideLink } from './outside-link'
import type { Token } from './row'
import { Busy } from './token-form'

type Check = NonNullable<Token['check']>

/** What the issuer said of the saved token, what is to be done about it, and a way to ask again. */
export function CheckResult({ token: { check, checksOn, provider } }: { token: Token }) {
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        {check ? <State check={check} /> : checksOn && <Badge>Not checked yet</Badge>}
        {!checksOn && <span className="text-xs text-muted">Checks are off on this server.</span>}
        {checksOn && (
          <span className="ml-auto">
            <IntentForm
              intent="check"
              provider={provider}
              variant="ghost"
              size="sm"
              busy={<Busy>Checking…</Busy>}
            >
              <RefreshCw aria-hidden /> Check now
            </IntentForm>
          </span>
        )}
      </div>
      {check?.state === 'refused' && (
        <Alert tone="danger">{check.message} Replace it: machines launched with it can’t download.</Alert>
      )}
      {check?.warnings.map(({ code, message, link }) => (
        <Alert key={code} tone="warning" actions={link && <OutsideLink {...link} />}>
          {message}
        </Alert>
      ))}
    </>
  )
}

function State({ check }: { check: Check }) {
  const [tone, word] = stateWord(check)
  const said = facts(check)
  return (
    <>
      <Badge tone={tone}>{word}</Badge>
      {said && <span className="min-w-0 wrap-anywhere">{said}</span>}
      <span className="text-xs text-muted">
        {check.state === 'not_checked' ? 'asked' : 'checked'} <RelativeTime at={check.checkedAt} />
      </span>
      {check.lastAnswer && (
        <span className="text-xs text-muted">
          before, <RelativeTime at={check.lastAnswer.checkedAt} />: {stateWord(check.lastAnswer)[1]}
        </span>
      )}
    </>
  )
}

function stateWord({ state, warnings }: Pick<Check, 'state' | 'warnings'>): [Tone, string] {
  if (state === 'refused') return ['danger', 'Refused']
  if (state === 'not_checked') return ['neutral', 'Not checked']
  return warnings.length ? ['warning', 'Valid, with warnings'] : ['success', 'Valid']
}

function facts({ state, account, role, expiresAt, message }: Check): string {
  if (state !== 'valid') return state === 'not_checked' ? (message ?? '') : ''
  const end = expiresAt && `expires ${expiresAt.slice(0, 10)}`
  return [account, role === 'fineGrained' ? 'fine-grained' : role, end].filter(Boolean).join(' · ')
}
