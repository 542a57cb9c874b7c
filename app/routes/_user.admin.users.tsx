import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node'
import { useActionData, useLoaderData, useSearchParams } from '@remix-run/react'
import { Outcome } from '../components/outcome'
import { PageTitle } from '../components/page-title'
import { AdminNav } from '../components/sub-nav'
import { Section } from '../components/ui/card'
import { InviteForm } from '../components/users/invite-form'
import { UserRow, type UserRowMode } from '../components/users/user-row'
import { formFields, orRefuse } from '../guard'
import { userAction } from '../user-forms'

export const loader = async ({ context }: LoaderFunctionArgs) => ({
  users: await orRefuse(context.api.admin.users.list()),
})

export const action = async ({ context, request }: ActionFunctionArgs) =>
  userAction(context.api, formFields(await request.formData()))

export const meta = () => [{ title: 'Users · Slipway' }]

const MODES: UserRowMode[] = ['change', 'disable', 'enable', 'withdraw']

export default function Users() {
  const { users } = useLoaderData<typeof loader>()
  const answer = useActionData<typeof action>()
  const [params] = useSearchParams()
  const isOf = (intent: string) => (answer?.given.intent === intent ? answer : undefined)
  return (
    <>
      <AdminNav />
      <PageTitle title="Users" description="Who may sign in here." />
      {answer?.told && (
        <Outcome key={`${answer.told} ${answer.given.id}`} tone={answer.needsYou ? 'warning' : 'success'}>
          {answer.told}
        </Outcome>
      )}
      <Section title="Invite somebody">
        {/* Sent, it is empty for the next one. */}
        <InviteForm key={isOf('invite')?.told} answer={isOf('invite')} />
      </Section>
      <Section title={users.length === 1 ? 'One user' : `${users.length} users`} padded={false}>
        <ul className="divide-y">
          {users.map((user) => {
            const refused = answer?.fault && answer.given.id === user.id ? answer : undefined
            return (
              <UserRow
                key={user.id}
                user={user}
                mode={MODES.find((mode) => params.get(mode) === user.id || refused?.given.intent === mode)}
                refused={refused}
              />
            )
          })}
        </ul>
      </Section>
    </>
  )
}
