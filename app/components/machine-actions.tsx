import { Form, Link, useNavigation } from '@remix-run/react'
import { Clock, Dumbbell, FolderOpen, RotateCw, Square, Trash2, Workflow } from 'lucide-react'
import type { Api } from '../trpc/router'
import { Button, buttonClasses } from './ui/button'
import { Select } from './ui/field'

type Sizes = Awaited<ReturnType<Api['machines']['options']>>['sizes']
type Machine = Awaited<ReturnType<Api['machines']['get']>>

const SERVICES = {
  comfyui: { label: 'Open ComfyUI', Icon: Workflow },
  filebrowser: { label: 'Open models & files', Icon: FolderOpen },
  trainer: { label: 'Open trainer', Icon: Dumbbell },
}

interface MachineActionsProps {
  machine: Machine
  mayLaunch: boolean
  /** Those to choose from where the machine's own is no longer offered. */
  sizes: Sizes
}

/** What can be done with a machine as it stands. */
export function MachineActions({ machine, mayLaunch, sizes }: MachineActionsProps) {
  const { id, status, services } = machine
  const isLive = status !== 'stopped' && status !== 'failed'
  return (
    <>
      {services.map(({ name }) => {
        const { label, Icon } = SERVICES[name]
        return (
          <Form
            key={name}
            method="post"
            action={`/machines/${id}/open/${name}`}
            target="_blank"
            reloadDocument
          >
            <Button type="submit" variant="primary">
              <Icon aria-hidden /> {label}
            </Button>
          </Form>
        )
      })}
      {machine.endsAt && machine.warning?.reason !== 'session' && <ExtendForm />}
      {mayLaunch && (
        <RelaunchForm sizes={offersSize(machine, sizes) ? [] : sizesOf(machine, sizes)}>
          {isLive ? 'Relaunch' : 'Launch again'}
        </RelaunchForm>
      )}
      {isLive && status !== 'stopping' && (
        <IntentForm intent="stop">
          <Square aria-hidden /> Stop
        </IntentForm>
      )}
      <Link to="?delete" replace preventScrollReset className={buttonClasses()}>
        <Trash2 aria-hidden /> Delete
      </Link>
    </>
  )
}

const sizesOf = ({ kind }: Machine, sizes: Sizes) =>
  sizes.filter(({ kinds }) => !kinds || kinds.includes(kind))
const offersSize = ({ size }: Machine, sizes: Sizes) => sizes.some(({ name }) => name === size.name)

/** @param sizes to choose from, where the machine can't have the same again */
export function RelaunchForm({ sizes = [], children }: { sizes?: Sizes; children: string }) {
  return (
    <IntentForm
      intent="relaunch"
      field={
        sizes.length > 0 && (
          <Select name="size" aria-label="Size">
            {sizes.map(({ name, label }) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </Select>
        )
      }
    >
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
