import { Link } from '@remix-run/react'
import { Alert } from '../ui/alert'
import { buttonClasses } from '../ui/button'
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
  const again = (
    <Link to="/cli-auth" className={`${buttonClasses()} self-start`}>
      Enter another code
    </Link>
  )
  if (state === 'approved')
    return (
      <>
        <FocusedTitle>Device authorized</FocusedTitle>
        {isLateDenial ? (
          <Alert tone="danger" title="It was authorized before you denied it">
            If that wasn’t you, or was a mistake, revoke the token of {device} among your API tokens.
          </Alert>
        ) : (
          <Alert tone="success" title="You can close this page and go back to your terminal">
            {device} goes on as {grant.userName}. You can revoke its token among your API tokens at any time.
          </Alert>
        )}
        <Link to="/profile" className={`${buttonClasses()} self-start`}>
          To your Profile page
        </Link>
      </>
    )
  if (state === 'denied')
    return (
      <>
        <FocusedTitle>Device denied</FocusedTitle>
        <Alert title="It gets nothing, and its code is no good any more">
          {device} is told so. If you started it yourself, start again and enter the new code.
        </Alert>
        {again}
      </>
    )
  return (
    <>
      <FocusedTitle>Code expired</FocusedTitle>
      <Alert tone="warning" title="A code is good for 10 minutes, and these are over">
        {device} was not let in. Start again in your terminal, and enter the new code.
      </Alert>
      {again}
    </>
  )
}
