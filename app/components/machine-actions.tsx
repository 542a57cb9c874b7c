import { Form, Link, useNavigation } from '@remix-run/react'
import { Clock, Dumbbell, FolderOpen, RotateCw, Square, Trash2, Workflow } from 'lucide-react'
import type { Api } from '../trpc/router'
import { Button, buttonClasses } from './ui/button'

type Machine = Awaited<ReturnType<Api['machines']['get']>>

const SERVICES = {
  comfyui: { label: 'Open ComfyUI', Icon: Workflow },
  filebrowser: { label: 'Open files', Icon: FolderOpen },
  trainer: { label: 'Open trainer', Icon: Dumbbell },
}

/** What can be done with a machine as it stands. */
export function MachineActions({ machine, mayLaunch }: { machine: Machine; mayLaunch: boolean }) {
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
      {mayLaunch && <RelaunchForm>{isLive ? 'Relaunch' : 'Launch again'}</RelaunchForm>}
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

export function RelaunchForm({ children }: { children: string }) {
  return (
    <IntentForm intent="relaunch">
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
  children: React.ReactNode
}

function IntentForm({ intent, children }: IntentFormProps) {
  const { state, formData } = useNavigation()
  return (
    <Form method="post">
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
