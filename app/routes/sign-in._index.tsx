import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { MailLinkForm } from '../components/mail-link-form'
import { ProviderButtons } from '../components/provider-buttons'
import { SignInCard } from '../components/sign-in-card'
import { formText, orRefuse, submitted } from '../guard'
import { ownPath } from '../own-path'

export async function loader({ context, request }: LoaderFunctionArgs) {
  const next = ownPath(new URL(request.url).searchParams.get('next')) ?? ''
  if (context.user) throw redirect(next || '/machines')
  return { next, ...(await orRefuse(context.api.account.signInOptions())) }
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData()
  const { fault } = await submitted(context.api.account.requestLink({ email: formText(form, 'email') }))
  if (fault) return { fault }
  context.afterSignIn.remember(formText(form, 'next'))
  return redirect('/sign-in/sent')
}

export const meta = () => [{ title: 'Sign in · Slipway' }]

const WHO_MAY = {
  invite: 'For people whom an administrator has invited.',
  domain: 'People of this organisation get an account by signing in.',
  open: 'Whoever signs in gets an account.',
}

export default function SignIn() {
  const { next, mail, providers, signUp } = useLoaderData<typeof loader>()
  const fault = useActionData<typeof action>()?.fault
  return (
    <SignInCard title="Sign in to Slipway" description={WHO_MAY[signUp]}>
      <MailLinkForm
        next={next}
        isPrinted={mail.isPrinted}
        isBusy={useNavigation().state !== 'idle'}
        fault={fault}
      />
      {providers.length > 0 && <ProviderButtons providers={providers} next={next} />}
      <p className="text-xs text-muted">
        Whoever runs this server can also sign in as its administrator with the one-time link that{' '}
        <code className="font-mono whitespace-nowrap text-text">npm run sign-in-link</code> prints there.
      </p>
    </SignInCard>
  )
}
