import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { type MetaFunction, useActionData, useLoaderData } from '@remix-run/react'
import { Decided } from '../components/device-grants/decided'
import { Question } from '../components/device-grants/question'
import { keepsShown } from '../components/keeps-shown'
import { formText, orRefuse, submitted } from '../guard'
import { signInPath } from '../own-path'

/** What asks, for the one user who has entered its code. The id in the address opens it to nobody else. */
export const loader = async ({ context, params }: LoaderFunctionArgs) => ({
  grant: await orRefuse(context.api.deviceGrants.get({ id: params.id ?? '' })),
})

export const clientLoader = keepsShown()

export async function action({ context, params, request }: ActionFunctionArgs) {
  if (!context.user) throw redirect(signInPath(request))
  const decision = formText(await request.formData(), 'decision') === 'approved' ? 'approve' : 'deny'
  const decided = context.api.deviceGrants[decision]({ id: params.id ?? '' })
  const { fault } = await submitted(decided, ['NOT_FOUND', 'FORBIDDEN'])
  // Whatever it was refused for, the page says how the login stands now.
  return fault ? { wanted: decision } : redirect(`/cli-auth/${params.id}`)
}

const TITLES = {
  pending: 'Let a device in?',
  approved: 'Device authorized',
  redeemed: 'Device authorized',
  denied: 'Device denied',
  expired: 'Code expired',
}

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data ? TITLES[data.grant.state] : 'Not found'} · Device login · Slipway` },
]

export default function DecideAboutDevice() {
  const { grant } = useLoaderData<typeof loader>()
  const wanted = useActionData<typeof action>()?.wanted
  if (grant.state === 'pending') return <Question grant={grant} />
  return <Decided grant={grant} state={grant.state} isLateDenial={wanted === 'deny'} />
}
