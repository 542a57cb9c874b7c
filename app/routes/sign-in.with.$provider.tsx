import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node'
import { useActionData, useLoaderData } from '@remix-run/react'
import { SignInCard } from '../components/sign-in-card'
import { SignInRefused } from '../components/sign-in-refused'
import { buttonClasses } from '../components/ui/button'
import { formText, submitted } from '../guard'

/** Also where a refused sign-in ends up. */
export const loader = ({ context }: LoaderFunctionArgs) => ({ refusal: context.signInRefusal.read() })

export async function action({ context, params, request }: ActionFunctionArgs) {
  const form = await request.formData()
  const { done, fault } = await submitted(context.api.account.beginOidc({ provider: params.provider ?? '' }))
  if (fault) return { fault }
  context.afterSignIn.remember(formText(form, 'next'))
  return done
}

export const meta = () => [{ title: 'Sign in by a provider · Slipway' }]

/**
 * Not a redirect: browsers hold a form to `form-action` wherever it is redirected to, and which hosts a
 * provider leads over is not known here.
 */
export default function ToProvider() {
  const { refusal } = useLoaderData<typeof loader>()
  const answer = useActionData<typeof action>()
  if (!answer) return <SignInRefused reason={refusal} />
  if ('fault' in answer) return <SignInRefused reason={answer.fault.message} />
  return (
    <SignInCard title="On to the provider" description="Taking you to where you sign in.">
      <meta httpEquiv="refresh" content={`0;url=${answer.url}`} />
      <a href={answer.url} className={buttonClasses({ variant: 'primary' })}>
        Continue
      </a>
    </SignInCard>
  )
}
