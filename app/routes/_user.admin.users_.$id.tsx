import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { useActionData, useLoaderData, useSearchParams } from '@remix-run/react'
import { BackLink } from '../components/back-link'
import { DiskUsage } from '../components/disk-usage'
import { Fact } from '../components/facts'
import { Outcome } from '../components/outcome'
import { PageTitle } from '../components/page-title'
import { AdminNav } from '../components/sub-nav'
import { Section } from '../components/ui/card'
import { RelativeTime } from '../components/ui/relative-time'
import { LimitsForm } from '../components/users/limits-form'
import { USER_ROW_MODES, UserFacts } from '../components/users/user-row'
import { formFields, orRefuse } from '../guard'
import { userAction } from '../user-forms'

export const loader = async ({ context, params: { id = '' } }: LoaderFunctionArgs) => ({
  user: await orRefuse(context.api.admin.users.get({ id })),
})

export async function action({ context, request, params: { id = '' } }: ActionFunctionArgs) {
  const given: Record<string, string> = { ...formFields(await request.formData()), id }
  const answer = await userAction(context.api, given)
  return given.intent === 'withdraw' && !answer.fault ? redirect('/admin/users') : answer
}

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.user.name ?? 'User'} · Users · Slipway` },
]

export default function User() {
  const { user } = useLoaderData<typeof loader>()
  const answer = useActionData<typeof action>()
  const [params] = useSearchParams()
  const refused = answer?.fault ? answer : undefined
  const ofLimits = refused?.given.intent === 'limits'
  return (
    <>
      <AdminNav />
      <BackLink to="/admin/users">Users</BackLink>
      <PageTitle title={user.name} />
      {answer?.told && (
        <Outcome key={answer.told} tone="success">
          {answer.told}
        </Outcome>
      )}
      <Section title="Account">
        <UserFacts
          user={user}
          mode={USER_ROW_MODES.find((mode) => params.get(mode) === user.id || refused?.given.intent === mode)}
          refused={ofLimits ? undefined : refused}
          here={`/admin/users/${user.id}`}
        >
          <Fact name="Here since">
            <RelativeTime at={user.createdAt} />
          </Fact>
          <Fact name="Machines">
            {user.machines}
            {user.allowed.machinesPerUser !== null && ` of ${user.allowed.machinesPerUser}`} running or on the
            way
          </Fact>
        </UserFacts>
      </Section>
      <Section
        title="Limits"
        description="In place of everybody’s, which an empty field keeps. With 0 machines they may not launch. What already runs keeps its end."
        padded={false}
      >
        <div className="p-4">
          <LimitsForm
            key={JSON.stringify(user.limits)}
            user={user}
            refused={ofLimits ? refused : undefined}
          />
        </div>
        {user.disk && <DiskUsage disk={user.disk} />}
      </Section>
    </>
  )
}
