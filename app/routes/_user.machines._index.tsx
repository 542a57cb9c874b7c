import { randomUUID } from 'node:crypto'
import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { Link, useLoaderData } from '@remix-run/react'
import { Server } from 'lucide-react'
import { KIND_LABELS, type MachineKind } from '../../providers/registry'
import { DiskUsage } from '../components/disk-usage'
import { keepsShown } from '../components/keeps-shown'
import { LaunchForm } from '../components/launch-form'
import { MachineStatus } from '../components/machine-status'
import { PageTitle } from '../components/page-title'
import { Alert } from '../components/ui/alert'
import { Badge } from '../components/ui/badge'
import { Section } from '../components/ui/card'
import { EmptyState } from '../components/ui/empty-state'
import { RelativeTime } from '../components/ui/relative-time'
import { useAnswer } from '../components/use-answer'
import { useLive } from '../components/use-live'
import { formText, orRefuse, submitted } from '../guard'

export const loader = async ({ context }: LoaderFunctionArgs) => ({
  machines: await orRefuse(context.api.machines.list()),
  options: await orRefuse(context.api.machines.options()),
  saves: (await orRefuse(context.api.cloudSaves.list())).filter(({ status }) => status === 'saved'),
  // A page's form launches once, however often it is sent.
  idempotencyKey: randomUUID(),
})

export const clientLoader = keepsShown()

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData()
  const saveId = formText(form, 'saveId') || undefined
  const { fault, done } = await submitted(
    context.api.machines.launch({
      // The procedure's schema is what decides whether this is one. A save has its own.
      kind: saveId ? undefined : ((formText(form, 'kind') || undefined) as MachineKind | undefined),
      saveId,
      name: formText(form, 'name'),
      size: formText(form, 'size') || undefined,
      idempotencyKey: formText(form, 'idempotencyKey') || undefined,
    }),
  )
  return fault ? { fault } : redirect(`/machines/${done.id}`)
}

export const meta = () => [{ title: 'Machines · Slipway' }]

export default function Machines() {
  const loaded = useLoaderData<typeof loader>()
  const fault = useAnswer<typeof action>()?.fault
  const machines = useLive(loaded.machines, 'list', (client, handlers) =>
    client.machines.watchList.subscribe(undefined, handlers),
  )
  const { sizes, sizesHold, disk } = loaded.options
  const showsSizes = sizesHold || sizes.length > 1
  return (
    <>
      <PageTitle title="Machines" description="Each machine gets your saved tokens when it is launched." />
      <Section title="Launch a machine" padded={false}>
        {loaded.options.mayLaunch ? (
          <LaunchForm
            hasTrainer={loaded.options.hasTrainer}
            sizes={loaded.options.sizes}
            sizesHold={sizesHold}
            saves={loaded.saves}
            fault={fault}
            idempotencyKey={loaded.idempotencyKey}
          />
        ) : (
          <p className="p-4 text-muted">
            Machines run as plain processes of this server, so only administrators may launch them here.
          </p>
        )}
        {!loaded.options.hasComfyui && (
          <Alert className="mx-4 mb-4">
            A ComfyUI machine has the file manager only: this server doesn’t say yet how to start ComfyUI. Its
            operator sets <code className="font-mono">COMFYUI_COMMAND</code>, for example{' '}
            <code className="font-mono wrap-anywhere">
              python /opt/ComfyUI/main.py --listen $HOST --port $PORT --base-directory $WORKSPACE
            </code>
          </Alert>
        )}
      </Section>
      <Section title="Your machines" padded={false}>
        {machines.length === 0 ? (
          <EmptyState icon={Server} title="No machines yet">
            <p>
              Save your tokens on the{' '}
              <Link to="/profile" className="text-accent underline">
                profile
              </Link>
              , then launch your first machine above.
            </p>
          </EmptyState>
        ) : (
          <ul className="divide-y">
            {machines.map((machine) => (
              <li
                key={machine.id}
                className="relative flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3 hover:bg-sunken"
              >
                <Link
                  to={`/machines/${machine.id}`}
                  className="font-medium wrap-anywhere after:absolute after:inset-0"
                >
                  {machine.name}
                </Link>
                <MachineStatus status={machine.status} />
                <span className="text-xs text-muted">
                  {KIND_LABELS[machine.kind]}
                  {showsSizes && ` · ${machine.size.label}`}
                </span>
                {machine.warning && <Badge tone="warning">About to be stopped</Badge>}
                {machine.status === 'running' &&
                  (machine.missingTokens.length > 0 || machine.tokens.some(({ outdated }) => outdated)) && (
                    <Badge tone="warning">Tokens changed since launch</Badge>
                  )}
                <span className="ml-auto text-xs text-muted">
                  <RelativeTime at={machine.createdAt} />
                </span>
                {machine.queue && <p className="w-full text-muted">{machine.queue.message}</p>}
                {machine.error && <p className="w-full text-danger">{machine.error.message}</p>}
              </li>
            ))}
          </ul>
        )}
        {disk && <DiskUsage disk={disk} />}
      </Section>
    </>
  )
}
