import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { orRefuse } from '../guard'
import type { Api } from '../trpc/router'

export const loader = ({ params }: LoaderFunctionArgs) => redirect(`/machines/${params.id}`)

/** Sends the browser into a service of its machine. */
export async function action({ context, params }: ActionFunctionArgs) {
  // The procedure's schema is what decides whether this is one.
  const service = params.service as Parameters<Api['machines']['open']>[0]['service']
  const { url } = await orRefuse(context.api.machines.open({ id: params.id ?? '', service }))
  return redirect(url, 303)
}
