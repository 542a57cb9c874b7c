import { randomUUID } from 'node:crypto'
import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { Link, useLoaderData, useSearchParams } from '@remix-run/react'
import { Server } from 'lucide-react'
import type { MachineKind } from '../../providers/registry'
import { DiskUsage } from '../components/disk-usage'
import { FirstSteps } from '../components/first-steps/first-steps'
import { FocusPlace } from '../components/focus-place'
import { keepsShown } from '../components/keeps-shown'
import { LaunchForm } from '../components/launch-form'
import { MachineCards } from '../components/machine-cards/machine-cards'
import { PageTitle } from '../components/page-title'
import { Alert } from '../components/ui/alert'
import { Card, Section } from '../components/ui/card'
import { EmptyState } from '../components/ui/empty-state'
import { useAnswer } from '../components/use-answer'
import { useLive } from '../components/use-live'
import { formText, orRefuse, submitted } from '../guard'

export async function loader({ context, request }: LoaderFunctionArgs) {
  const before = new URL(request.url).searchParams.get('before') ?? undefined
  return {
    machines: await orRefuse(context.api.machines.list({ before })),
    firstSteps: await orRefuse(context.api.account.firstSteps()),
    options: await orRefuse(context.api.machines.options()),
    saves: (await orRefuse(context.api.cloudSaves.list())).filter(({ status }) => status === 'saved'),
    // A page's form launches once, however often it is sent.
    idempotencyKey: randomUUID(),
  }
}

export const clientLoader = keepsShown()

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData()
  if (formText(form, 'intent') === 'stop') {
    const { fault } = await submitted(context.api.machines.stop({ id: formText(form, 'id') }))
    return fault ? { fault: undefined, stopFault: fault } : redirect('/machines')
  }
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
  return fault ? { fault, stopFault: undefined } : redirect(`/machines/${done.id}`)
}

export const meta = () => [{ title: 'Machines · Slipway' }]

export default function Machines() {
  const loaded = useLoaderData<typeof loader>()
  const { fault, stopFault } = useAnswer<typeof action>() ?? {}
  const machines = useLive(loaded.machines, 'list', (client, handlers) =>
    client.machines.watchList.subscribe(undefined, handlers),
  )
  const { sizes, sizesHold, disk } = loaded.options
  const showsSizes = sizesHold || sizes.length > 1
  const [params] = useSearchParams()
  const isOlder = params.has('before')
  const which = isOlder ? 'older' : params.has('all') ? 'all' : 'newest'
  return (
    <>
      <PageTitle title="Machines" description="Each machine gets your saved tokens when it is launched." />
      {stopFault && <Alert tone="danger">{stopFault.message}</Alert>}
      <FirstSteps firstSteps={loaded.firstSteps} machines={machines} />
      <Section title="Launch a machine" padded={false}>
        {loaded.options.mayLaunch ? (
          <FocusPlace id="launch">
            <LaunchForm
              hasTrainer={loaded.options.hasTrainer}
              sizes={loaded.options.sizes}
              sizesHold={sizesHold}
              saves={loaded.saves}
              fault={fault}
              idempotencyKey={loaded.idempotencyKey}
            />
          </FocusPlace>
        ) : (
          <p className="p-4 text-muted">{loaded.options.refusal}</p>
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
      {machines.length === 0 && !isOlder ? (
        <Card>
          <EmptyState icon={Server} title="No machines yet">
            <p>
              Save your tokens on the{' '}
              <Link to="/profile" className="text-accent underline">
                profile
              </Link>
              , then launch your first machine above: it takes them with it.
            </p>
          </EmptyState>
        </Card>
      ) : (
        <MachineCards listed={isOlder ? loaded.machines : machines} which={which} showsSizes={showsSizes} />
      )}
      {disk && (
        <Card>
          <DiskUsage disk={disk} />
        </Card>
      )}
    </>
  )
}
