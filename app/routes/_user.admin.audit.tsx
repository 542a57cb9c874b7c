import type { LoaderFunctionArgs } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { auditQuery } from '../audit-query'
import { AuditLog } from '../components/audit/audit-log'
import { PageTitle } from '../components/page-title'
import { AdminNav } from '../components/sub-nav'
import { orRefuse } from '../guard'

export async function loader({ context: { api }, request }: LoaderFunctionArgs) {
  const page = await orRefuse(api.admin.audit(auditQuery(request)))
  const users = await orRefuse(api.admin.users.list())
  return {
    page,
    users: users.map(({ id, name }) => ({ id, name })),
    actions: await orRefuse(api.account.activityActions()),
  }
}

export const meta = () => [{ title: 'Audit log · Slipway' }]

export default function Audit() {
  return (
    <>
      <AdminNav />
      <PageTitle
        title="Audit log"
        description="Who did what, when and from where. Entries are never changed or deleted, and hold no secret."
      />
      <AuditLog {...useLoaderData<typeof loader>()} />
    </>
  )
}
