import { randomUUID } from 'node:crypto'
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { Link, useLoaderData } from '@remix-run/react'
import { BackLink } from '../components/back-link'
import { CopyButton } from '../components/copy-button'
import { Fact, Facts } from '../components/facts'
import { keepsShown } from '../components/keeps-shown'
import { PageTitle } from '../components/page-title'
import { Milestones } from '../components/requests/milestones'
import { RequestActions } from '../components/requests/request-actions'
import { RequestOutcome } from '../components/requests/request-outcome'
import { RequestStatus } from '../components/requests/request-status'
import { shownInputs } from '../components/requests/shown-inputs'
import { took } from '../components/requests/took'
import { useRequest } from '../components/requests/use-request'
import { buttonClasses } from '../components/ui/button'
import { Section } from '../components/ui/card'
import { RelativeTime } from '../components/ui/relative-time'
import { orRefuse, submitted } from '../guard'

export async function loader({ context: { api }, params }: LoaderFunctionArgs) {
  const request = await orRefuse(api.modelRequests.get({ id: params.id ?? '' }))
  const inputs = await orRefuse(api.modelRequests.inputs({ id: request.id }))
  // It may be withdrawn, or somebody else's and no longer for everyone; what it made is still its caller's.
  const model = await api.models.get({ id: request.modelId }).catch(() => undefined)
  // It may be deleted.
  const machine = request.machineId
    ? await api.machines.get({ id: request.machineId }).catch(() => undefined)
    : undefined
  return {
    request,
    machine: machine && { id: machine.id, name: machine.name },
    model: model && { inputs: model.inputs, outputs: model.outputs },
    inputs: inputs && shownInputs(inputs),
    idempotencyKey: randomUUID(),
  }
}

export const clientLoader = keepsShown()

/** Takes the request back. */
export async function action({ context: { api }, params }: ActionFunctionArgs) {
  const { fault } = await submitted(api.modelRequests.cancel({ id: params.id ?? '' }))
  return { fault }
}

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.request.modelId ?? 'Request'} · Requests · Slipway` },
]

export default function RequestPage() {
  const { request: loaded, machine, model, inputs, idempotencyKey } = useLoaderData<typeof loader>()
  const request = useRequest(loaded)
  const { id, modelId, version, machineId, createdAt, startedAt, endedAt } = request
  const titleOf = (name: string) => model?.inputs.find((input) => input.name === name)?.title ?? name
  return (
    <>
      <BackLink to="/requests">Requests</BackLink>
      <PageTitle
        title={
          <>
            {modelId} <RequestStatus request={request} />
          </>
        }
        actions={
          <>
            <RequestActions request={request} idempotencyKey={model && inputs ? idempotencyKey : undefined} />
            {model && (
              <Link to={`/models/${modelId}?request=${id}`} className={buttonClasses()}>
                Open in its form
              </Link>
            )}
          </>
        }
      />
      <Milestones request={request} />
      <div className="flex flex-col gap-2">
        <p className="flex min-w-0 items-center gap-1">
          <code className="font-mono wrap-anywhere">{id}</code>
          <CopyButton text={id} label="Copy the request’s id" />
        </p>
        <Facts>
          <Fact name="Version">{version}</Fact>
          <Fact name="Made">
            <RelativeTime at={createdAt} />
          </Fact>
          {startedAt && <Fact name="Waited">{took(createdAt, startedAt)}</Fact>}
          {startedAt && endedAt && <Fact name="Took">{took(startedAt, endedAt)}</Fact>}
          {machineId && (
            <Fact name="Machine">
              <Link to={`/machines/${machineId}`} className="text-accent underline">
                {machine?.id === machineId ? machine.name : 'Open it'}
              </Link>
            </Fact>
          )}
        </Facts>
      </div>
      <div className="grid items-start gap-6 md:grid-cols-2">
        <Section title="Result" className="min-w-0">
          <div className="flex flex-col gap-4">
            <RequestOutcome request={request} outputs={model?.outputs} />
          </div>
        </Section>
        <Section title="Inputs" className="min-w-0">
          {!inputs && <p className="text-muted">They are no longer kept.</p>}
          {inputs?.length === 0 && <p className="text-muted">It was called without any.</p>}
          {inputs && inputs.length > 0 && (
            <dl className="flex flex-col gap-3">
              {inputs.map(({ name, text }) => (
                <div key={name}>
                  <dt className="text-muted wrap-anywhere">{titleOf(name)}</dt>
                  <dd className="whitespace-pre-wrap wrap-anywhere">{text || '(empty)'}</dd>
                </div>
              ))}
            </dl>
          )}
        </Section>
      </div>
    </>
  )
}
