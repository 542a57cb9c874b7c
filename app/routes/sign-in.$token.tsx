import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { Form, Link, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { LogIn } from 'lucide-react'
import { SignInCard } from '../components/sign-in-card'
import { Alert } from '../components/ui/alert'
import { Button, buttonClasses } from '../components/ui/button'
import { orRefuse, submitted } from '../guard'

/** Looking changes nothing: mail scanners and previews open links too. */
export const loader = async ({ context, params }: LoaderFunctionArgs) => ({
  isLive: (await orRefuse(context.api.account.lookAtLink({ token: params.token ?? '' }))).state !== 'gone',
})

export async function action({ context, params }: ActionFunctionArgs) {
  const { fault } = await submitted(context.api.account.signIn({ token: params.token ?? '' }))
  return fault ? { fault } : redirect('/machines')
}

export const meta = () => [{ title: 'Sign in · Slipway' }]

export default function RedeemSignInLink() {
  const { isLive } = useLoaderData<typeof loader>()
  const fault = useActionData<typeof action>()?.fault
  const isBusy = useNavigation().state !== 'idle'
  if (!isLive || fault)
    return (
      <SignInCard title="This link no longer works">
        <Alert tone="danger">
          {fault?.message ?? 'It was already used, was replaced by a newer one, or has expired.'}
        </Alert>
        <Link to="/sign-in" className={buttonClasses()}>
          How to get a new one
        </Link>
      </SignInCard>
    )
  return (
    <SignInCard title="Sign in to Slipway">
      <p className="text-muted">This link signs in this browser as the administrator. It works once.</p>
      <Form method="post">
        <Button type="submit" variant="primary" disabled={isBusy}>
          <LogIn aria-hidden /> Sign in
        </Button>
      </Form>
    </SignInCard>
  )
}
