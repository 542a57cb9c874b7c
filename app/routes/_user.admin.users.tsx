import { type ActionFunctionArgs, data, type LoaderFunctionArgs } from '@remix-run/node'
import { useActionData, useLoaderData, useSearchParams } from '@remix-run/react'
import { SearchX } from 'lucide-react'
import { Outcome } from '../components/outcome'
import { PageTitle } from '../components/page-title'
import { BY_NAME, Pager } from '../components/pager'
import { AdminNav } from '../components/sub-nav'
import { Section } from '../components/ui/card'
import { EmptyState } from '../components/ui/empty-state'
import { InviteForm } from '../components/users/invite-form'
import { USER_ROW_MODES, UserRow } from '../components/users/user-row'
import { UserSearch } from '../components/users/user-search'
import { formFields, submitted } from '../guard'
import { userAction } from '../user-forms'
import { userListQuery, usersFilters, usersPageAt } from '../user-list-query'

export async function loader({ context, request }: LoaderFunctionArgs) {
  const asked = context.api.admin.users.list(userListQuery(request))
  const { done: page, fault } = await submitted(asked, ['BAD_REQUEST'])
  return data({ page, fault }, { status: fault ? 400 : 200 })
}

export const action = async ({ context, request }: ActionFunctionArgs) =>
  userAction(context.api, formFields(await request.formData()))

export const meta = () => [{ title: 'Users · Admin · Slipway' }]

export default function Users() {
  const { page, fault } = useLoaderData<typeof loader>()
  const answer = useActionData<typeof action>()
  const [params] = useSearchParams()
  const here = usersPageAt(params)
  const filters = usersFilters(params)
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
      <Section title={titleOf(page?.total, filters.size > 0)} padded={false}>
        <UserSearch filters={filters} fault={fault} />
        {page?.total === 0 && (
          <EmptyState icon={SearchX} title="Nobody like that">
            Neither a name nor an e-mail address has this in it.
          </EmptyState>
        )}
        <ul className="divide-y">
          {page?.users.map((user) => {
            const refused = answer?.fault && answer.given.id === user.id ? answer : undefined
            return (
              <UserRow
                key={user.id}
                user={user}
                mode={USER_ROW_MODES.find(
                  (mode) => params.get(mode) === user.id || refused?.given.intent === mode,
                )}
                refused={refused}
                here={here}
              />
            )
          })}
        </ul>
        {page && <Pager older={page.older} newer={page.newer} filters={filters} names={BY_NAME} />}
      </Section>
    </>
  )
}

function titleOf(total: number | undefined, isSearched: boolean): string {
  if (total === undefined) return 'Users'
  const text = total === 1 ? 'One user' : `${total} users`
  return isSearched ? `${text} found` : text
}
