import { Link } from '@remix-run/react'
import { SignInCard } from './sign-in-card'
import { Alert } from './ui/alert'
import { buttonClasses } from './ui/button'

export function SignInRefused({ reason }: { reason: string | undefined }) {
  return (
    <SignInCard title="You are not signed in">
      {reason && <Alert tone="danger">{reason}</Alert>}
      <Link to="/sign-in" className={buttonClasses()}>
        Back to sign-in
      </Link>
    </SignInCard>
  )
}
