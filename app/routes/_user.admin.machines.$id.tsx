import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { Link, useLoaderData, useSearchParams } from '@remix-run/react'
import { KIND_LABELS } from '../../providers/registry'
import { machineAction } from '../all-machines/form'
import { Attempts } from '../components/all-machines/attempts'
import { MachineControls } from '../components/all-machines/machine-controls'
import { StopQuestion } from '../components/all-machines/stop-question'
import { BackLink } from '../components/back-link'
import { CopyButton } from '../components/copy-button'
import { Fact, Facts } from '../components/facts'
import { keepsShown } from '../components/keeps-shown'
import { MachineStatus } from '../components/machine-status'
import { Outcome } from '../components/outcome'
import { PageTitle } from '../components/page-title'
import { AdminNav } from '../components/sub-nav'
import { Timeline } from '../components/timeline'
import { buttonClasses } from '../components/ui/button'
import { Card, Section } from '../components/ui/card'
import { RelativeTime } from '../components/ui/relative-time'
import { useAnswer } from '../components/use-answer'
import { useReload } from '../components/use-reload'
import { orRefuse } from '../guard'

export const loader = async ({ context, params }: LoaderFunctionArgs) => ({
  machine: await orRefuse(context.api.admin.machine({ id: params.id ?? '' })),
})

export const clientLoader = keepsShown()

export const action = async ({ context, request }: ActionFunctionArgs) =>
  machineAction(context.api, await request.formData())

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.machine.name ?? 'Machine'} · All machines · Slipway` },
]

export default function AnyMachine() {
  const { machine } = useLoaderData<typeof loader>()
  const answer = useAnswer<typeof action>()
  const isAsked = useSearchParams()[0].has('stop')
  const { id, name, owner, kind, size, status, services, since, endsAt } = machine
  const here = `/admin/machines/${id}`
  useReload()
  return (
    <>
      <AdminNav />
      <BackLink to="/admin/machines">All machines</BackLink>
      <PageTitle
        title={
          <>
            {name} <MachineStatus status={status} />
          </>
        }
        description={
          <>
            {KIND_LABELS[kind]} of {owner.name} · launched <RelativeTime at={machine.createdAt} />
          </>
        }
        actions={
          <>
            {machine.isYours && (
              <Link to={`/machines/${id}`} className={buttonClasses({ size: 'sm' })}>
                Open its page
              </Link>
            )}
            {!isAsked && <MachineControls machine={machine} here={here} />}
          </>
        }
      />
      {answer && (
        <Outcome key={answer.at} tone={answer.tone}>
          {answer.told}
        </Outcome>
      )}
      {isAsked && (
        <Card className="p-4">
          <StopQuestion machine={machine} here={here} />
        </Card>
      )}
      <Section title="Facts">
        <Facts>
          <Fact name="Owner">
            <Link to={`/admin/users/${owner.id}`} className="text-accent underline">
              {owner.name}
            </Link>
            {owner.email && `, ${owner.email}`}
          </Fact>
          <Fact name="Size">{size.label}</Fact>
          <Fact name="In this state since">
            <RelativeTime at={since} />
          </Fact>
          {endsAt && (
            <Fact name="Ends">
              <RelativeTime at={endsAt} />
            </Fact>
          )}
          {services.length > 0 && <Fact name="Services">{services.join(', ')}</Fact>}
          {machine.replacedBy && (
            <Fact name="Relaunched as">
              <Link to={`/admin/machines/${machine.replacedBy}`} className="text-accent underline">
                {machine.replacedBy}
              </Link>
            </Fact>
          )}
          <Fact name="Id">
            <span className="inline-flex items-center gap-1">
              <code className="font-mono">{id}</code>
              <CopyButton text={id} label="Copy the id" />
            </span>
          </Fact>
        </Facts>
      </Section>
      <div className="grid items-start gap-6 md:grid-cols-2">
        <Section title="Attempts" padded={false}>
          <Attempts attempts={machine.attempts} />
        </Section>
        <Section title="Timeline">
          <Timeline events={machine.events} />
        </Section>
      </div>
    </>
  )
}
