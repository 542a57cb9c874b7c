import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { useLoaderData, useRouteLoaderData, useSearchParams } from '@remix-run/react'
import { RotateCw } from 'lucide-react'
import { useState } from 'react'
import { KIND_LABELS } from '../../providers/registry'
import { BackLink } from '../components/back-link'
import { HeldTokens } from '../components/held-tokens'
import { keepsShown } from '../components/keeps-shown'
import { FailedLaunch } from '../components/launch/failed-launch'
import { type Launch, LaunchStages } from '../components/launch/launch-stages'
import { LogPanel } from '../components/logs/log-panel'
import { MachineActions, sizesToChoose } from '../components/machine-actions'
import { DeleteQuestion } from '../components/machine-deletion'
import { MachineNotices } from '../components/machine-notices'
import { MachineQuestion, SizeChoice } from '../components/machine-question'
import { MachineStatus } from '../components/machine-status'
import { MachineSummary } from '../components/machine-summary'
import { ModeLink } from '../components/mode-link'
import { PageTitle } from '../components/page-title'
import { SaveWorkspace } from '../components/saves/save-workspace'
import { Timeline } from '../components/timeline'
import { Alert } from '../components/ui/alert'
import { Card, Section } from '../components/ui/card'
import { RelativeTime } from '../components/ui/relative-time'
import { useAnswer } from '../components/use-answer'
import { useLive } from '../components/use-live'
import { formText, orRefuse, submitted } from '../guard'
import { logQuery } from '../log-query'
import type { loader as frameLoader } from './_user'

export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const { machines, cloudSaves } = context.api
  const id = params.id ?? ''
  const machine = await orRefuse(machines.get({ id }))
  const log = logQuery(new URL(request.url).searchParams)
  return {
    machine,
    options: await orRefuse(machines.options()),
    log: await orRefuse(machines.logs({ id, ...log, service: log.service ?? failedService(machine) })),
    saves: await orRefuse(cloudSaves.list({ machineId: id })),
  }
}

/** Whose log is worth reading first. */
const failedService = ({ launch }: { launch: Launch | null }) =>
  launch?.stages.find(({ service, state }) => service && state === 'failed')?.service ?? undefined

export const clientLoader = keepsShown()

export async function action({ context, params, request }: ActionFunctionArgs) {
  const { machines } = context.api
  const id = params.id ?? ''
  const form = await request.formData()
  const change = { stop: machines.stop, extend: machines.extend, delete: machines.delete }
  const intent = formText(form, 'intent')
  if (Object.hasOwn(change, intent)) {
    const { fault } = await submitted<unknown>(change[intent as keyof typeof change]({ id }))
    return fault ? { fault } : redirect(intent === 'delete' ? '/machines' : `/machines/${id}`)
  }
  const size = formText(form, 'size') || undefined
  const { fault, done } = await submitted(machines.relaunch({ id, size }))
  return fault ? { fault } : redirect(`/machines/${done.id}`)
}

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.machine.name ?? 'Machine'} · Machines · Slipway` },
]

export default function MachinePage() {
  const loaded = useLoaderData<typeof loader>()
  // After a relaunch the page is another machine's: nothing that was shown of the one before may stay.
  return <Machine key={loaded.machine.id} loaded={loaded} />
}

function Machine({ loaded }: { loaded: ReturnType<typeof useLoaderData<typeof loader>> }) {
  const fault = useAnswer<typeof action>()?.fault
  const machine = useLive(loaded.machine, loaded.machine.id, (client, handlers) =>
    client.machines.watch.subscribe(
      { id: loaded.machine.id },
      { ...handlers, onData: ({ data }) => handlers.onData(data) },
    ),
  )
  const [params] = useSearchParams()
  const asked =
    machine.status === 'running' && (['stop', 'relaunch'] as const).find((intent) => params.has(intent))
  const isAdmin = useRouteLoaderData<typeof frameLoader>('routes/_user')?.isAdmin ?? false
  const hasFailed = machine.status === 'failed'
  // Whoever watches a launch finds its log where it was when the launch is over.
  const [wasWatched] = useState(loaded.machine.launch?.isUnderWay ?? false)
  const logs = <LogPanel key="logs" machine={machine} log={loaded.log} />
  const { sizes, sizesHold } = loaded.options
  const showsSize = sizesHold || sizes.length > 1
  return (
    <>
      <BackLink to="/machines">Machines</BackLink>
      <PageTitle
        title={
          <>
            {machine.name} <MachineStatus status={machine.status} />
          </>
        }
        description={
          <>
            {KIND_LABELS[machine.kind]} · launched <RelativeTime at={machine.createdAt} />
            {machine.attempt > 1 && ` · attempt ${machine.attempt}`}
            {showsSize && ` · ${machine.size.label}`}
            {showsSize && machine.size.description && `: ${machine.size.description}`}
            {machine.endsAt && (
              <>
                {' '}
                · ends <RelativeTime at={machine.endsAt} isDue />
              </>
            )}
          </>
        }
        actions={<MachineActions machine={machine} mayLaunch={loaded.options.mayLaunch} sizes={sizes} />}
      />
      {params.has('delete') && <DeleteQuestion machine={machine} />}
      {asked && (
        <Card className="p-4">
          <MachineQuestion key={asked} intent={asked} machine={machine} action={`/machines/${machine.id}`}>
            {asked === 'relaunch' && <SizeChoice sizes={sizesToChoose(machine, sizes)} />}
          </MachineQuestion>
        </Card>
      )}
      {fault && <Alert tone="danger">{fault.message}</Alert>}
      <FailedLaunch
        machine={machine}
        mayLaunch={loaded.options.mayLaunch}
        sizes={sizesToChoose(machine, sizes)}
        isAdmin={isAdmin}
      />
      <MachineNotices machine={machine} />
      {wasWatched && !hasFailed && machine.launch && <LaunchStages launch={machine.launch} />}
      {(wasWatched || hasFailed) && logs}
      {hasFailed && machine.launch && !machine.launch.hasRun && <LaunchStages launch={machine.launch} />}
      {machine.status === 'running' && (
        <TokenChanges machine={machine} mayLaunch={loaded.options.mayLaunch} />
      )}
      <MachineSummary machine={machine} />
      <div className="grid items-start gap-6 md:grid-cols-2">
        <div className="flex flex-col gap-6">
          <Section
            title="Tokens it holds"
            description="Taken at its launch; they stay until it is relaunched."
          >
            <HeldTokens tokens={machine.tokens} />
          </Section>
          <SaveWorkspace machine={machine} saves={loaded.saves} />
        </div>
        <Section title="Timeline">
          <Timeline events={machine.events} />
        </Section>
      </div>
      {!wasWatched && !hasFailed && logs}
    </>
  )
}

type View = ReturnType<typeof useLoaderData<typeof loader>>['machine']

/** Says that what is saved now is not what this machine holds, and offers the cure. */
function TokenChanges({ machine, mayLaunch }: { machine: View; mayLaunch: boolean }) {
  const changed = machine.tokens.filter(({ outdated }) => outdated)
  const changes = [
    ...changed.map(({ label }) => `Your saved ${label} token has changed since this launch`),
    ...machine.missingTokens.map(({ label }) => `You saved a ${label} token since this launch`),
  ]
  if (!changes.length) return null
  return (
    <Alert
      tone="warning"
      title={changes.join('. ')}
      actions={
        mayLaunch && (
          <ModeLink to="?relaunch" size="md">
            <RotateCw aria-hidden /> Relaunch with today’s tokens
          </ModeLink>
        )
      }
    >
      This machine keeps what it was launched with. A relaunch takes the tokens as they are saved now; its
      files stay.
    </Alert>
  )
}
