import type { DownloadState, DownloadView } from '../../../contract'
import { visibleName } from '../../files/visible-name'

const SENTENCES: Partial<Record<DownloadState, (download: DownloadView) => string>> = {
  downloading: ({ name }) => `${visibleName(name)} is downloading.`,
  done: ({ name }) => `${visibleName(name)} is done.`,
  failed: ({ name, error }) => `${visibleName(name)} failed. ${error?.message ?? ''}`,
}
const COUNTED: [DownloadState, string][] = [
  ['downloading', 'started'],
  ['done', 'done'],
  ['failed', 'failed'],
]
const AT_ONCE_MAX = 3

/**
 * What is worth saying aloud of a change: who began, ended or failed, and no progress.
 * @param before states by id
 */
export function milestones(before: Map<string, DownloadState>, downloads: DownloadView[]): string {
  const reached = downloads.filter(({ id, state }) => state in SENTENCES && before.get(id) !== state)
  if (reached.length <= AT_ONCE_MAX)
    return reached.map((download) => SENTENCES[download.state]?.(download)).join(' ')
  return COUNTED.flatMap(([state, word]) => {
    const count = reached.filter((download) => download.state === state).length
    return count > 0 ? [`${count} ${word}`] : []
  }).join(', ')
}
