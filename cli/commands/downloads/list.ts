import type { DownloadView } from '../../../filebrowser/contract'
import type { Cli } from '../../cli'
import { lineOf } from '../../files/board'
import { openFiles } from '../../files/files'
import { followDownloads, hasEnded } from '../../files/follow'
import { requireArrived } from './arrived'

export async function list(cli: Cli, given: string, follow: boolean): Promise<void> {
  const files = await openFiles(cli, given)
  const before = await files.ask<DownloadView[]>('downloads')
  const open = new Set(before.filter((view) => !hasEnded(view)).map(({ id }) => id))
  const downloads = follow ? await followDownloads(cli, files, before) : before
  const lines = downloads.map((view) => `${view.id.slice(0, 8)}  ${lineOf(view)}`)
  cli.output.payload(downloads, lines.join('\n') || `${files.machine.name} has no downloads.`)
  if (follow) requireArrived(downloads.filter(({ id }) => open.has(id)))
}
