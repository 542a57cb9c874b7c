import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node'
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { CircleCheck, RotateCw } from 'lucide-react'
import { PageTitle } from '../components/page-title'
import { AdminNav } from '../components/sub-nav'
import { Alert } from '../components/ui/alert'
import { Badge } from '../components/ui/badge'
import { Button } from '../components/ui/button'
import { Card } from '../components/ui/card'
import { EmptyState } from '../components/ui/empty-state'
import { RelativeTime } from '../components/ui/relative-time'
import { formText, orRefuse, submitted } from '../guard'

export const loader = async ({ context }: LoaderFunctionArgs) => ({
  launches: await orRefuse(context.api.admin.failedLaunches()),
})

export async function action({ context, request }: ActionFunctionArgs) {
  const id = formText(await request.formData(), 'id')
  const { fault, done } = await submitted(context.api.admin.retryLaunch({ id }))
  return { fault, retried: done }
}

export const meta = () => [{ title: 'Failed launches · Slipway' }]

export default function FailedLaunches() {
  const { launches } = useLoaderData<typeof loader>()
  const answer = useActionData<typeof action>()
  return (
    <>
      <AdminNav />
      <PageTitle
        title="Failed launches"
        description="Machines whose last attempt failed. A retry is a new attempt with the tokens as they are saved now."
      />
      {answer?.fault && <Alert tone="danger">{answer.fault.message}</Alert>}
      {answer?.retried && <Alert tone="success">Queued again as attempt {answer.retried.attempt}.</Alert>}
      <Card>
        {launches.length === 0 ? (
          <EmptyState icon={CircleCheck} title="Nothing has failed">
            Launches that fail show up here, with the reason.
          </EmptyState>
        ) : (
          <ul className="divide-y">
            {launches.map((launch) => (
              <Launch key={launch.machineId} launch={launch} />
            ))}
          </ul>
        )}
      </Card>
    </>
  )
}

function Launch({ launch }: { launch: ReturnType<typeof useLoaderData<typeof loader>>['launches'][number] }) {
  const { state, formData } = useNavigation()
  const isBusy = state !== 'idle' && formData?.get('id') === launch.machineId
  return (
    <li className="flex flex-col gap-2 p-4" aria-label={`${launch.machineName} of ${launch.userName}`}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="font-medium wrap-anywhere">{launch.machineName}</h2>
        <Badge tone="danger">{launch.errorClass}</Badge>
        <span className="text-muted">
          {launch.userName} · attempt {launch.attempt} · <RelativeTime at={launch.failedAt} />
        </span>
        <Form method="post" className="ml-auto">
          <input type="hidden" name="id" value={launch.machineId} />
          <Button type="submit" size="sm" disabled={isBusy} aria-label={`Retry ${launch.machineName}`}>
            <RotateCw aria-hidden /> Retry
          </Button>
        </Form>
      </div>
      <p>{launch.message}</p>
      {launch.detail && (
        <details>
          <summary className="text-muted">Detail</summary>
          <pre className="mt-2 max-h-80 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs whitespace-pre-wrap">
            {launch.detail}
          </pre>
        </details>
      )}
    </li>
  )
}
