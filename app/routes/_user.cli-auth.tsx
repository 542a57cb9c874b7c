import { type ActionFunctionArgs, redirect } from '@remix-run/node'
import { useActionData } from '@remix-run/react'
import { CodeForm } from '../components/device-grants/code-form'
import { PageTitle } from '../components/page-title'
import { codeIn } from '../device-code'
import { formText, submitted } from '../guard'
import { signInPath } from '../own-path'

export async function action({ context, request }: ActionFunctionArgs) {
  if (!context.user) throw redirect(signInPath(request))
  const typed = formText(await request.formData(), 'code')
  const { fault, done } = await submitted(context.api.deviceGrants.lookUp({ userCode: codeIn(typed) }), [
    'BAD_REQUEST',
    'NOT_FOUND',
    'TOO_MANY_REQUESTS',
  ])
  return fault ? { fault, typed } : redirect(`/cli-auth/${done?.id}`)
}

export const meta = () => [{ title: 'Enter a code · Device login · Slipway' }]

/** Takes nothing from its address: a link that brings a code along is somebody else's. */
export default function EnterCode() {
  const answer = useActionData<typeof action>()
  return (
    <>
      <PageTitle
        title="Enter the code of your device"
        description="A program without a browser, such as the runcomfy command line, shows a code and waits until you let it in here."
      />
      <CodeForm typed={answer?.typed} fault={answer?.fault} />
    </>
  )
}
