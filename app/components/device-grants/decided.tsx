import { Form, Link, useNavigation } from '@remix-run/react'
import type { ReactNode } from 'react'
import { Alert } from '../ui/alert'
import { Button, buttonClasses } from '../ui/button'
import { FocusedTitle } from './focused-title'
import type { Grant } from './question'

interface DecidedProps {
  grant: Grant
  state: Exclude<Grant['state'], 'pending'>
  /** Whether it was just denied, and too late. */
  isLateDenial: boolean
}

/** How a login ended, also when that was before or elsewhere. */
export function Decided({ grant, state, isLateDenial }: DecidedProps) {
  const device = <bdi className="font-medium">{grant.deviceName}</bdi>
  if (state === 'expired')
    return (
      <Ending title="Code expired" to="/cli-auth" next="Enter another code">
        <Alert tone="warning" title="A code is good for 10 minutes, and these are over">
          {device} was not let in. Start again in the program that showed the code, and enter the new one.
        </Alert>
      </Ending>
    )
  if (state === 'denied')
    return (
      <Ending title="Device denied" to="/cli-auth" next="Enter another code">
        <Alert title="It gets nothing, and its code is no good any more">
          {grant.isWithStrangers &&
            'Nobody denied it: others kept entering the code after you did, so it may be known to them. '}
          {device} is told so. If you started it yourself, start again and enter the new code.
        </Alert>
      </Ending>
    )
  return (
    <Ending title="Device authorized" to="/profile" next="To your Profile page">
      {isLateDenial ? (
        <Alert tone="danger" title="It got its token before you denied it">
          If that was a mistake, or not you, revoke the token of {device} among your API tokens.
        </Alert>
      ) : (
        <Alert
          tone="success"
          title="You can close this page and go back to the program that showed the code"
          actions={state === 'approved' && <TakeBack />}
        >
          {device} goes on as {grant.userName}.
          {state === 'redeemed' && ' You can revoke its token among your API tokens at any time.'}
        </Alert>
      )}
    </Ending>
  )
}

/** Denies what has no token yet. When it has got one meanwhile, the page says what to do then. */
function TakeBack() {
  const isBusy = useNavigation().state !== 'idle'
  return (
    <Form method="post" replace>
      <Button type="submit" name="decision" value="denied" size="sm" disabled={isBusy}>
        Take it back
      </Button>
    </Form>
  )
}

interface EndingProps {
  title: string
  to: string
  next: string
  children: ReactNode
}

function Ending({ title, to, next, children }: EndingProps) {
  return (
    <>
      <FocusedTitle>{title}</FocusedTitle>
      <div className="max-w-2xl">{children}</div>
      <Link to={to} className={`${buttonClasses()} self-start`}>
        {next}
      </Link>
    </>
  )
}
