import { type ActionFunctionArgs, redirect } from '@remix-run/node'
import { orRefuse } from '../guard'

export const loader = () => redirect('/profile')

export async function action({ context, params }: ActionFunctionArgs) {
  const id = params.id ?? ''
  await orRefuse(context.api.apiTokens.revoke({ id }))
  return redirect(`/profile?revoked=${encodeURIComponent(id)}`)
}
