import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { Form, Link, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { LogIn } from 'lucide-react'
import { SignInCard } from '../components/sign-in-card'
import { SignInCode } from '../components/sign-in-code'
import { SignInRefused } from '../components/sign-in-refused'
import { Alert } from '../components/ui/alert'
import { Button, buttonClasses } from '../components/ui/button'
import { orRefuse, submitted } from '../guard'

/** Looking changes nothing: mail scanners and previews open links too. */
export const loader = async ({ context, params }: LoaderFunctionArgs) => ({
  view: await orRefuse(context.api.account.lookAtLink({ token: params.token ?? '' })),
})

export async function action({ context, params }: ActionFunctionArgs) {
  const { fault } = await submitted(context.api.account.signIn({ token: params.token ?? '' }))
  return fault ? { fault } : redirect(context.afterSignIn.take())
}

export const meta = () => [{ title: 'Sign in by a link · Slipway' }]

export default function RedeemSignInLink() {
  const { view } = useLoaderData<typeof loader>()
  const fault = useActionData<typeof action>()?.fault
  const isBusy = useNavigation().state !== 'idle'
  if (fault) return <SignInRefused reason={fault.message} />
  if (view.state === 'gone') return <DeadLink />
  if (view.state === 'elsewhere') return <SignInCode {...view} />
  return (
    <SignInCard title="Sign in to Slipway">
      <p className="text-muted">
        This link signs in this browser as{' '}
        {view.email ? <b className="text-text wrap-anywhere">{view.email}</b> : 'the administrator'}. It works
        once.
      </p>
      <Form method="post">
        <Button type="submit" variant="primary" disabled={isBusy}>
          <LogIn aria-hidden /> Sign in
        </Button>
      </Form>
    </SignInCard>
  )
}

function DeadLink() {
  return (
    <SignInCard title="This link no longer works">
      <Alert tone="danger">It was already used, was replaced by a newer one, or has expired.</Alert>
      <Link to="/sign-in" className={buttonClasses()}>
        Get a new one
      </Link>
    </SignInCard>
  )
}
