import type { Tone } from '~/app/components/ui/badge'
import type { DownloadAction, DownloadState, DownloadView } from '../../contract'

interface State {
  label: string
  tone: Tone
  group: Group
  actions: DownloadAction[]
}

/** As the page lists them, from top to bottom. */
export const GROUPS = ['Running', 'Failed', 'Waiting', 'Finished'] as const
export type Group = (typeof GROUPS)[number]

export const STATES: Record<DownloadState, State> = {
  checking: { label: 'Asking', tone: 'accent', group: 'Running', actions: ['pause', 'cancel'] },
  verifying: {
    label: 'Reading what is here',
    tone: 'accent',
    group: 'Running',
    actions: ['pause', 'cancel'],
  },
  downloading: { label: 'Downloading', tone: 'accent', group: 'Running', actions: ['pause', 'cancel'] },
  failed: { label: 'Failed', tone: 'danger', group: 'Failed', actions: ['retry', 'remove'] },
  queued: { label: 'Queued', tone: 'neutral', group: 'Waiting', actions: ['pause', 'cancel'] },
  waiting: { label: 'Waiting', tone: 'warning', group: 'Waiting', actions: ['pause', 'cancel'] },
  paused: { label: 'Paused', tone: 'neutral', group: 'Waiting', actions: ['resume', 'cancel'] },
  done: { label: 'Done', tone: 'success', group: 'Finished', actions: ['remove'] },
  canceled: { label: 'Canceled', tone: 'neutral', group: 'Finished', actions: ['retry', 'remove'] },
}

export const allows = ({ state }: DownloadView, action: DownloadAction) =>
  STATES[state].actions.includes(action)

/** Whether it still needs room on the disk. */
export const isUnfinished = ({ state }: DownloadView) =>
  STATES[state].group === 'Running' || STATES[state].group === 'Waiting'

/** The downloads of each group, the latest to end first and else in their order. */
export function groupDownloads(downloads: DownloadView[]): Record<Group, DownloadView[]> {
  const groups: Record<Group, DownloadView[]> = { Running: [], Failed: [], Waiting: [], Finished: [] }
  for (const download of downloads) groups[STATES[download.state].group].push(download)
  const byQueued = (a: DownloadView, b: DownloadView) => a.queuedAt.localeCompare(b.queuedAt)
  const byFinished = (a: DownloadView, b: DownloadView) =>
    (b.finishedAt ?? '').localeCompare(a.finishedAt ?? '')
  groups.Running.sort(byQueued)
  groups.Waiting.sort(byQueued)
  groups.Failed.sort(byFinished)
  groups.Finished.sort(byFinished)
  return groups
}
