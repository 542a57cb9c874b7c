import { Form } from '@remix-run/react'
import { Dumbbell, FolderOpen, Workflow } from 'lucide-react'
import type { Api } from '../trpc/router'
import { Button } from './ui/button'

type Machine = Awaited<ReturnType<Api['machines']['list']>>[number]

const SERVICES = {
  comfyui: { label: 'Open ComfyUI', Icon: Workflow },
  filebrowser: { label: 'Open models & files', Icon: FolderOpen },
  trainer: { label: 'Open trainer', Icon: Dumbbell },
}

interface OpenServicesProps {
  machine: Pick<Machine, 'id' | 'name' | 'services'>
  /** Among other machines: smaller, and named for those who only hear it. */
  isOneOfMany?: boolean
}

/** A button for each service of a machine that runs, which opens it in a tab of its own. */
export function OpenServices({ machine: { id, name, services }, isOneOfMany = false }: OpenServicesProps) {
  return services.map((service) => {
    const { label, Icon } = SERVICES[service.name]
    return (
      <Form
        key={service.name}
        method="post"
        action={`/machines/${id}/open/${service.name}`}
        target="_blank"
        reloadDocument
      >
        <Button
          type="submit"
          variant="primary"
          size={isOneOfMany ? 'sm' : 'md'}
          aria-label={isOneOfMany ? `${label} of ${name}` : undefined}
        >
          <Icon aria-hidden /> {label}
        </Button>
      </Form>
    )
  })
}
