import { Form, useNavigation } from '@remix-run/react'
import { Clock, RotateCw, Square, Trash2 } from 'lucide-react'
import type { Api } from '../trpc/router'
import { SizeChoice } from './machine-question'
import { ModeLink } from './mode-link'
import { OpenServices } from './open-services'
import { Button } from './ui/button'

type Sizes = Awaited<ReturnType<Api['machines']['options']>>['sizes']
type Machine = Awaited<ReturnType<Api['machines']['get']>>

interface MachineActionsProps {
  machine: Machine
  mayLaunch: boolean
  /** Those to choose from where the machine's own is no longer offered. */
  sizes: Sizes
}

/** What can be done with a machine as it stands. */
export function MachineActions({ machine, mayLaunch, sizes }: MachineActionsProps) {
  const { status } = machine
  const isLive = status !== 'stopped' && status !== 'failed'
  return (
    <>
      <OpenServices machine={machine} />
      {machine.endsAt && machine.warning?.reason !== 'session' && <ExtendForm />}
      {status === 'running' && <AskingLinks mayLaunch={mayLaunch} />}
      {mayLaunch && status !== 'failed' && status !== 'running' && (
        <RelaunchForm sizes={sizesToChoose(machine, sizes)}>
          {isLive ? 'Relaunch' : 'Launch again'}
        </RelaunchForm>
      )}
      {(status === 'queued' || status === 'starting') && (
        <IntentForm intent="stop">
          <Square aria-hidden /> Stop
        </IntentForm>
      )}
      <ModeLink to="?delete" size="md">
        <Trash2 aria-hidden /> Delete
      </ModeLink>
    </>
  )
}

/** Of a machine that runs: what it works on would be lost, so that both are asked about first. */
const AskingLinks = ({ mayLaunch }: { mayLaunch: boolean }) => (
  <>
    {mayLaunch && (
      <ModeLink to="?relaunch" size="md">
        <RotateCw aria-hidden /> Relaunch
      </ModeLink>
    )}
    <ModeLink to="?stop" size="md">
      <Square aria-hidden /> Stop
    </ModeLink>
  </>
)

/** Those that a relaunch has to choose from: none where it can have the same size again. */
export const sizesToChoose = ({ kind, size }: Machine, sizes: Sizes): Sizes =>
  sizes.some(({ name }) => name === size.name)
    ? []
    : sizes.filter(({ kinds }) => !kinds || kinds.includes(kind))

/** @param sizes to choose from, where the machine can't have the same again */
export function RelaunchForm({ sizes = [], children }: { sizes?: Sizes; children: string }) {
  return (
    <IntentForm intent="relaunch" field={<SizeChoice sizes={sizes} />}>
      <RotateCw aria-hidden /> {children}
    </IntentForm>
  )
}

export function ExtendForm() {
  return (
    <IntentForm intent="extend">
      <Clock aria-hidden /> Extend
    </IntentForm>
  )
}

interface IntentFormProps {
  intent: 'stop' | 'relaunch' | 'extend'
  /** What is to be chosen with it. */
  field?: React.ReactNode
  children: React.ReactNode
}

function IntentForm({ intent, field, children }: IntentFormProps) {
  const { state, formData } = useNavigation()
  return (
    <Form method="post" className="flex gap-2">
      {field}
      <Button
        type="submit"
        name="intent"
        value={intent}
        disabled={state !== 'idle' && formData?.get('intent') === intent}
      >
        {children}
      </Button>
    </Form>
  )
}
