import { type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { SignInRefused } from '../components/sign-in-refused'
import { submitted } from '../guard'

/**
 * Where a provider sends the browser back to, with GET. What comes is worth something only together with
 * the cookie of the browser that began, and only once.
 */
export async function loader({ context, params, request }: LoaderFunctionArgs) {
  if (request.method !== 'GET') throw new Response(null, { status: 405 })
  const { fault } = await submitted(
    context.api.account.finishOidc({ provider: params.provider ?? '', url: request.url }),
  )
  if (!fault) throw redirect(context.afterSignIn.take())
  return { reason: fault.message }
}

export const meta = () => [{ title: 'Not signed in · Slipway' }]

export default function BackFromProvider() {
  return <SignInRefused reason={useLoaderData<typeof loader>().reason} />
}
