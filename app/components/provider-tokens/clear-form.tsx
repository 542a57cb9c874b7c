import { Form } from '@remix-run/react'
import { useEffect, useRef } from 'react'
import { IntentButton } from './intent'
import type { Token } from './row'
import { Cancel } from './saved-token'

/** Asks before a token is forgotten, and says who will go on with it. */
export function ClearForm({ token }: { token: Token }) {
  const cancel = useRef<HTMLAnchorElement>(null)
  useEffect(() => cancel.current?.focus(), [])
  const keeping = token.holders
    .filter(({ holds }) => holds === 'present' || holds === 'older')
    .map(({ name }) => name)
  return (
    <Form method="post" replace preventScrollReset className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <input type="hidden" name="provider" value={token.provider} />
      <p className="min-w-0 flex-1 basis-64 wrap-break-word">
        Clear <code className="font-mono wrap-anywhere">{token.masked}</code>?{' '}
        {keeping.length
          ? `Until they are relaunched, these go on with it: ${keeping.join(', ')}.`
          : 'No machine that runs holds it.'}
      </p>
      <div className="flex gap-2">
        <IntentButton intent="clear" provider={token.provider} variant="danger">
          Clear token
        </IntentButton>
        <Cancel linkRef={cancel}>Keep it</Cancel>
      </div>
    </Form>
  )
}
