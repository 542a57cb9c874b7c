import type { LoaderFunctionArgs } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { PageTitle } from '../components/page-title'
import { AdminNav } from '../components/sub-nav'
import { UsageReport } from '../components/usage/usage-report'
import { orRefuse } from '../guard'
import { usageAnswer } from '../usage/answer'
import { usageQuery } from '../usage/query'

export const loader = async ({ context: { api }, request }: LoaderFunctionArgs) =>
  usageAnswer(await orRefuse(api.usage.everybody(usageQuery(request))))

export const meta = () => [{ title: 'Usage of everybody · Slipway' }]

export default function EverybodysUsage() {
  return (
    <>
      <AdminNav />
      <PageTitle title="Usage" description="How long everybody’s machines ran, and what they downloaded." />
      <UsageReport usage={useLoaderData<typeof loader>()} of="user" path="/admin/usage" />
    </>
  )
}
