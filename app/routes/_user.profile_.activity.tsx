import type { LoaderFunctionArgs } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { auditAnswer } from '../audit/answer'
import { auditQuery } from '../audit/query'
import { AuditLog } from '../components/audit/audit-log'
import { PageTitle } from '../components/page-title'
import { ProfileNav } from '../components/sub-nav'
import { orRefuse } from '../guard'

export async function loader({ context: { api }, request }: LoaderFunctionArgs) {
  const { userId, ...query } = auditQuery(request)
  const actions = await orRefuse(api.account.activityActions())
  return auditAnswer(api.account.activity(query), { actions })
}

export const meta = () => [{ title: 'Activity · Profile · Slipway' }]

export default function Activity() {
  return (
    <>
      <ProfileNav />
      <PageTitle
        title="Activity"
        description="What you did, and what was done to your account. Something that you don’t know? End your sessions and revoke your API tokens."
      />
      <AuditLog {...useLoaderData<typeof loader>()} />
    </>
  )
}
