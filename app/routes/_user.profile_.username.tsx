import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { useActionData, useLoaderData } from '@remix-run/react'
import { username } from '../../workflows/definition'
import { PageTitle } from '../components/page-title'
import { ProfileNav } from '../components/sub-nav'
import { Card } from '../components/ui/card'
import { ChooseUsername, ConfirmUsername } from '../components/username'
import { formText, orRefuse, submitted } from '../guard'
import { ownPath } from '../own-path'

/** Without a name it asks for one; with one that may be, it asks whether to keep to it. */
export async function loader({ context, request }: LoaderFunctionArgs) {
  const me = await orRefuse(context.api.account.me())
  const params = new URL(request.url).searchParams
  const wanted = params.get('name')?.trim()
  const next = ownPath(params.get('next'))
  const rule = wanted === undefined ? undefined : username.safeParse(wanted).error?.issues[0]?.message
  return { chosen: me.username, wanted, next, fault: rule && `A username ${rule}.` }
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData()
  const name = formText(form, 'name')
  const next = ownPath(formText(form, 'next'))
  const { fault } = await submitted(context.api.account.chooseUsername({ username: name }))
  return fault ? { fault: fault.message, name, next } : redirect(next ?? '/profile')
}

export const meta = () => [{ title: 'Your username · Profile · Slipway' }]

export default function Username() {
  const refused = useActionData<typeof action>()
  const { chosen, wanted, next = refused?.next, fault } = useLoaderData<typeof loader>()
  const isAsked = wanted !== undefined && !fault && !refused
  return (
    <>
      <ProfileNav />
      <PageTitle
        title="Your username"
        description="Models that you publish are called by it. People here and their scripts see it."
      />
      <Card className="p-4 sm:p-6">
        {chosen !== null ? (
          <p>
            Your username is <strong className="wrap-anywhere">{chosen}</strong>. It can’t be changed:
            people’s scripts say it.
          </p>
        ) : isAsked ? (
          <ConfirmUsername name={wanted} next={next} />
        ) : (
          <ChooseUsername name={refused?.name ?? wanted} fault={refused?.fault ?? fault} next={next} />
        )}
      </Card>
    </>
  )
}
