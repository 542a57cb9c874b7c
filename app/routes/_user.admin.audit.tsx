import type { LoaderFunctionArgs } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { auditAnswer } from '../audit/answer'
import { auditQuery } from '../audit/query'
import { AuditLog } from '../components/audit/audit-log'
import { PageTitle } from '../components/page-title'
import { AdminNav } from '../components/sub-nav'
import { orRefuse } from '../guard'

export async function loader({ context: { api }, request }: LoaderFunctionArgs) {
  const actions = await orRefuse(api.admin.auditActions())
  return auditAnswer(api.admin.audit(auditQuery(request)), { actions })
}

export const meta = () => [{ title: 'Audit log · Admin · Slipway' }]

export default function Audit() {
  return (
    <>
      <AdminNav />
      <PageTitle
        title="Audit log"
        description="Who did what, when and from where. Entries are never changed or deleted, and hold no secret."
      />
      <AuditLog {...useLoaderData<typeof loader>()} ofEverybody />
    </>
  )
}
