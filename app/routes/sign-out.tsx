import { type ActionFunctionArgs, redirect } from '@remix-run/node'
import { orRefuse } from '../guard'

export const loader = () => redirect('/')

export async function action({ context }: ActionFunctionArgs) {
  await orRefuse(context.api.account.signOut())
  return redirect('/sign-in')
}
