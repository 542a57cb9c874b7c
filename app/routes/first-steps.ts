import { type ActionFunctionArgs, redirect } from '@remix-run/node'
import { formText, orRefuse } from '../guard'

export const loader = () => redirect('/machines')

/** Hides the first steps, or brings them back to where they stand. */
export async function action({ context, request }: ActionFunctionArgs) {
  const show = formText(await request.formData(), 'show') === 'yes'
  await orRefuse(context.api.account.showFirstSteps({ show }))
  return redirect('/machines')
}
