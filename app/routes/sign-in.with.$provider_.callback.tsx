import { type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { submitted } from '../guard'

/**
 * Where a provider sends the browser back to, with GET. What comes is worth something only together with
 * the cookie of the browser that began, and only once; so no page stays under this address.
 */
export async function loader({ context, params, request }: LoaderFunctionArgs) {
  if (request.method !== 'GET') throw new Response(null, { status: 405 })
  const provider = params.provider ?? ''
  const { fault } = await submitted(context.api.account.finishOidc({ provider, url: request.url }))
  if (fault) {
    context.signInRefusal.keep(fault.message)
    return redirect(`/sign-in/with/${encodeURIComponent(provider)}`)
  }
  context.signInRefusal.forget()
  return redirect(context.afterSignIn.take())
}

/** Never seen: it makes this a page, so that what breaks is told on one. */
export default function BackFromProvider() {
  return null
}
