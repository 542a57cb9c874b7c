import { Form } from '@remix-run/react'
import { useEffect, useRef } from 'react'
import type { FormFault } from '../../guard'
import { Field, Input } from '../ui/field'
import { Spinner } from '../ui/progress'
import { IntentButton } from './intent'
import type { Token } from './row'
import { Cancel } from './saved-token'

interface TokenFormProps {
  token: Token
  fault: FormFault | undefined
  /** Whether somebody came for this one. */
  hasFocus: boolean
}

/** Where a token is typed. The server never sends it back, so what was refused stays in the browser alone. */
export function TokenForm({ token, fault, hasFocus }: TokenFormProps) {
  const input = useRef<HTMLInputElement>(null)
  const { provider, saved: isReplacing } = token
  useEffect(() => {
    if (hasFocus || fault) input.current?.focus()
  }, [hasFocus, fault])
  return (
    <Form method="post" replace preventScrollReset className="flex flex-col gap-2 sm:flex-row sm:items-start">
      <input type="hidden" name="provider" value={provider} />
      <Field
        label={isReplacing ? `New ${token.label} token` : `${token.label} token`}
        error={fault?.message}
        className="sm:flex-1"
      >
        {(control) => (
          <Input
            {...control}
            ref={input}
            name="token"
            type="password"
            autoComplete="off"
            spellCheck={false}
            data-1p-ignore
            data-lpignore="true"
            placeholder={token.placeholder}
            className="font-mono"
          />
        )}
      </Field>
      <div className="flex flex-wrap gap-2 sm:mt-6.5">
        <IntentButton
          intent="save"
          provider={provider}
          variant="primary"
          busy={token.checksOn ? <Busy>Checking…</Busy> : undefined}
        >
          Save
        </IntentButton>
        {fault?.mayInsist && (
          <IntentButton intent="save-anyway" provider={provider} busy={<Busy>Saving…</Busy>}>
            Save anyway
          </IntentButton>
        )}
        {isReplacing && <Cancel>Cancel</Cancel>}
        {fault?.mayInsist && (
          <noscript className="basis-full text-xs text-muted">To save it anyway, paste it again.</noscript>
        )}
      </div>
    </Form>
  )
}

export const Busy = ({ children }: { children: string }) => (
  <>
    <Spinner /> {children}
  </>
)
