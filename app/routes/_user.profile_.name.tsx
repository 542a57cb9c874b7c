import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { Form, Link, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { PageTitle } from '../components/page-title'
import { ProfileNav } from '../components/sub-nav'
import { Button, buttonClasses } from '../components/ui/button'
import { Card } from '../components/ui/card'
import { Field, Input } from '../components/ui/field'
import { formText, orRefuse, submitted } from '../guard'

export const loader = async ({ context }: LoaderFunctionArgs) => ({
  name: (await orRefuse(context.api.account.me())).name,
})

export async function action({ context, request }: ActionFunctionArgs) {
  const name = formText(await request.formData(), 'name')
  const { fault } = await submitted(context.api.account.update({ name }))
  return fault ? { fault, name } : redirect('/profile')
}

export const meta = () => [{ title: 'Your name · Profile · Slipway' }]

export default function ChangeName() {
  const { name } = useLoaderData<typeof loader>()
  const answer = useActionData<typeof action>()
  const isBusy = useNavigation().state !== 'idle'
  return (
    <>
      <ProfileNav />
      <PageTitle title="Your name" description="Administrators and the activity log show it." />
      <Card className="p-4 sm:p-6">
        <Form method="post" replace className="flex flex-col gap-4">
          <Field label="Name" error={answer?.fault.message} className="max-w-md">
            {(control) => (
              <Input
                {...control}
                name="name"
                required
                maxLength={60}
                autoComplete="name"
                defaultValue={answer?.name ?? name}
              />
            )}
          </Field>
          <div className="flex flex-wrap gap-2">
            <Button type="submit" variant="primary" disabled={isBusy}>
              Save
            </Button>
            <Link to="/profile" className={buttonClasses()}>
              Cancel
            </Link>
          </div>
        </Form>
      </Card>
    </>
  )
}
