import { type LucideIcon, Pause, Play, RotateCw, Trash2, X } from 'lucide-react'
import { IconButton } from '~/app/components/ui/button'
import type { DownloadAction, DownloadView } from '../../../contract'
import { visibleName } from '../../files/visible-name'
import { STATES } from '../states'

const ACTIONS: Record<DownloadAction, { icon: LucideIcon; label: (name: string) => string }> = {
  pause: { icon: Pause, label: (name) => `Pause ${name}` },
  resume: { icon: Play, label: (name) => `Resume ${name}` },
  cancel: { icon: X, label: (name) => `Cancel ${name}` },
  retry: { icon: RotateCw, label: (name) => `Retry ${name}` },
  remove: { icon: Trash2, label: (name) => `Remove ${name} from the list` },
}

interface RowActionsProps {
  download: DownloadView
  onAct: (action: DownloadAction, ids: string[]) => void
}

/** What can be done with a download in its state. */
export function RowActions({ download: { id, name, state }, onAct }: RowActionsProps) {
  return (
    <div className="-my-1 -mr-1.5 flex shrink-0">
      {STATES[state].actions.map((action) => {
        const { icon: Icon, label } = ACTIONS[action]
        return (
          <IconButton
            key={action}
            size="sm"
            label={label(visibleName(name))}
            onClick={() => onAct(action, [id])}
          >
            <Icon aria-hidden />
          </IconButton>
        )
      })}
    </div>
  )
}
