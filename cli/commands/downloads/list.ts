import type { DownloadView } from '../../../filebrowser/contract'
import { formatBytes } from '../../../format-bytes'
import type { Cli } from '../../cli'
import { openFiles } from '../../files/files'
import { followDownloads, hasEnded } from '../../files/follow'
import { sentenceOf } from '../../files/refusal'
import { type Column, table } from '../../output/table'
import { requireArrived } from './arrived'

export async function list(cli: Cli, given: string, follow: boolean): Promise<void> {
  const files = await openFiles(cli, given)
  const before = await files.ask<DownloadView[]>('downloads')
  const open = new Set(before.filter((view) => !hasEnded(view)).map(({ id }) => id))
  const downloads = follow ? await followDownloads(cli, files, before) : before
  const empty = `${files.machine.name} has no downloads.`
  cli.output.payload(downloads, table(downloads, COLUMNS, { width: cli.output.columns, empty }))
  if (follow) requireArrived(downloads.filter(({ id }) => open.has(id)))
}

const COLUMNS: Column<DownloadView>[] = [
  { title: 'ID', of: ({ id }) => id.slice(0, 8) },
  { title: 'NAME', of: ({ name }) => name, shrinks: true },
  { title: 'STATE', of: ({ state }) => state },
  { title: 'ARRIVED', of: arrivedOf },
  { title: 'FOLDER', of: ({ folder }) => folder ?? '', shrinks: true },
  { title: 'NOTE', of: noteOn },
]

function arrivedOf({ received, size, state }: DownloadView): string {
  const arrived = formatBytes(received)
  return size === null || state === 'done' ? arrived : `${arrived} of ${formatBytes(size)}`
}

function noteOn({ error, waitUntil, bytesPerSecond }: DownloadView): string {
  if (error) return sentenceOf(error)
  if (waitUntil) return `until ${waitUntil}`
  return bytesPerSecond === null ? '' : `${formatBytes(bytesPerSecond)}/s`
}
