import { Button } from '~/app/components/ui/button'
import type { DownloadAction, DownloadView } from '../../../contract'
import { allows, STATES } from '../states'

interface QueueActionsProps {
  downloads: DownloadView[]
  onAct: (action: DownloadAction, ids: string[]) => void
}

const idsOf = (downloads: DownloadView[]) => downloads.map(({ id }) => id)

/** What can be done with many at once; only what would do something is there. */
export function QueueActions({ downloads, onAct }: QueueActionsProps) {
  const all: [string, DownloadAction, DownloadView[]][] = [
    ['Pause all', 'pause', downloads.filter((each) => allows(each, 'pause'))],
    ['Resume all', 'resume', downloads.filter((each) => allows(each, 'resume'))],
    ['Retry failed', 'retry', downloads.filter(({ state }) => state === 'failed')],
    ['Clear finished', 'remove', downloads.filter(({ state }) => STATES[state].group === 'Finished')],
  ]
  return (
    <>
      {all.map(
        ([label, action, concerned]) =>
          concerned.length > 0 && (
            <Button key={label} size="sm" onClick={() => onAct(action, idsOf(concerned))}>
              {label}
            </Button>
          ),
      )}
    </>
  )
}
