import { type ActionFunctionArgs, data, type LoaderFunctionArgs } from '@remix-run/node'
import { Form, useActionData, useLoaderData, useSearchParams } from '@remix-run/react'
import { CircleCheck } from 'lucide-react'
import { FailedLaunchFilters } from '../components/failed-launches/filters'
import { LaunchRow } from '../components/failed-launches/launch-row'
import { RetryAll } from '../components/failed-launches/retry-all'
import { Outcome } from '../components/outcome'
import { PageTitle } from '../components/page-title'
import { Pager } from '../components/pager'
import { AdminNav } from '../components/sub-nav'
import { Button } from '../components/ui/button'
import { Card } from '../components/ui/card'
import { EmptyState } from '../components/ui/empty-state'
import { retryAction } from '../failed-launches/form'
import { failedLaunchesQuery, filtersOf, pageWith } from '../failed-launches/query'
import { submitted } from '../guard'

export async function loader({ context, request }: LoaderFunctionArgs) {
  const asked = context.api.admin.failedLaunches(failedLaunchesQuery(request))
  const { done: page, fault } = await submitted(asked, ['BAD_REQUEST'])
  return data({ page, fault }, { status: fault ? 400 : 200 })
}

export const action = async ({ context, request }: ActionFunctionArgs) => ({
  ...(await retryAction(context.api, await request.formData())),
  // Two answers may say the same.
  at: Date.now(),
})

export const meta = () => [{ title: 'Failed launches · Admin · Slipway' }]

export default function FailedLaunches() {
  const { page, fault } = useLoaderData<typeof loader>()
  const answer = useActionData<typeof action>()
  const [params] = useSearchParams()
  const filters = filtersOf(params)
  return (
    <>
      <AdminNav />
      <PageTitle
        title="Failed launches"
        description="Machines whose last attempt failed. A retry is a new attempt with the tokens as they are saved now."
      />
      {answer && (
        <Outcome key={answer.at} tone={answer.tone} title={answer.told}>
          {answer.refusals.length > 0 && answer.refusals.map((reason) => <p key={reason}>{reason}</p>)}
        </Outcome>
      )}
      <Card>
        {(fault || filters.size > 0 || (page?.total ?? 0) > 0) && (
          <FailedLaunchFilters groups={page?.groups ?? []} filters={filters} fault={fault} />
        )}
        {page && <RetryAll page={page} filters={filters} isAsked={params.get('ask') === 'all'} />}
        {page && page.launches.length > 0 ? (
          <Form method="post" action={pageWith(filters)} preventScrollReset>
            <ul className="divide-y">
              {page.launches.map((launch) => (
                <LaunchRow key={launch.machineId} launch={launch} />
              ))}
            </ul>
            <div className="border-t p-4">
              <Button type="submit">Retry what is ticked</Button>
            </div>
          </Form>
        ) : (
          <NoLaunches isFault={fault !== undefined} isFiltered={filters.size > 0} />
        )}
        {page && <Pager older={page.older} newer={page.newer} filters={filters} />}
      </Card>
    </>
  )
}

function NoLaunches({ isFault, isFiltered }: { isFault: boolean; isFiltered: boolean }) {
  const [title, text] = isFault
    ? ['Nothing to show', 'Mend the fault above to see launches.']
    : isFiltered
      ? ['Nothing like that', 'No failed launch passes these filters.']
      : ['Nothing has failed', 'Launches that fail show up here, with the reason.']
  return (
    <EmptyState icon={CircleCheck} title={title}>
      {text}
    </EmptyState>
  )
}
