import type { DownloadView } from '../../../filebrowser/contract'
import { CliError, EXIT } from '../../exits'
import { lineOf } from '../../files/board'

const NAMED_MAX = 10

/** @throws CliError `failed` naming those that are not there, with the reasons */
export function requireArrived(downloads: readonly DownloadView[]): void {
  const missing = downloads.filter(({ state }) => state !== 'done')
  if (missing.length === 0) return
  const named = missing.slice(0, NAMED_MAX).map(lineOf)
  const more = missing.length > NAMED_MAX ? [`… and ${missing.length - NAMED_MAX} more`] : []
  throw new CliError(
    EXIT.failed,
    [`${missing.length} of ${downloads.length} downloads did not arrive.`, ...named, ...more].join('\n'),
  )
}
