import { formatBytes } from '~/format-bytes'
import type { DownloadView } from '../../../contract'
import { isUnfinished } from '../states'
import { type Planned, total } from './planned'

/** What pressing the button would do, and what keeps it from being pressed. */
export interface Start {
  count: number
  size: number
  isExact: boolean
  free: number
  obstacle: string | undefined
}

/**
 * @param free bytes on the disk
 * @param downloads whose remaining bytes need room too
 */
export function planStart(
  planned: Planned[],
  problems: Map<string, string>,
  free: number,
  downloads: DownloadView[],
): Start {
  const sum = total(planned)
  const owed = downloads
    .filter(isUnfinished)
    .reduce((bytes, { size, received }) => bytes + Math.max(0, (size ?? 0) - received), 0)
  const isHere = planned.length > 0 && planned.every(({ file }) => file.present?.same)
  const nothing = isHere ? 'All of it is here already.' : 'Nothing is chosen.'
  return { ...sum, free, obstacle: sum.count === 0 ? nothing : obstacleOf(sum, problems.size, free, owed) }
}

function obstacleOf(
  { size }: { size: number },
  faulty: number,
  free: number,
  owed: number,
): string | undefined {
  if (faulty > 0)
    return faulty === 1 ? 'One file needs another place.' : `${faulty} files need another place.`
  if (size > free) return `It doesn’t fit: ${formatBytes(size - free)} more are needed.`
  if (size + owed > free)
    return `It doesn’t fit beside what is in the queue, which needs ${formatBytes(owed)} more.`
  return undefined
}
