import type { DownloadView } from '../../filebrowser/contract'
import type { Cli } from '../cli'
import { openBoard } from './board'
import { downloadEvents } from './events'
import type { Files } from './files'

const ENDED = ['done', 'failed', 'canceled']
export const hasEnded = ({ state }: DownloadView) => ENDED.includes(state)

/**
 * Shows how downloads come on, until each has ended or was taken off the list.
 * @returns them as they were last seen
 */
export async function followDownloads(
  cli: Cli,
  files: Files,
  downloads: readonly DownloadView[],
): Promise<DownloadView[]> {
  const { output, signal } = cli
  const seen = new Map(downloads.map((view) => [view.id, view]))
  const open = new Set(downloads.filter((view) => !hasEnded(view)).map(({ id }) => id))
  if (open.size === 0) return [...seen.values()]
  const board = await openBoard(output)
  const onLost = () => board.say('The connection was lost; trying again. The downloads go on meanwhile.')
  try {
    for await (const event of downloadEvents({ files, signal, onLost })) {
      if (event.type === 'removed') for (const id of event.ids) open.delete(id)
      else {
        const told = new Map(event.downloads.map((view) => [view.id, view]))
        for (const id of open) {
          const view = told.get(id)
          if (view) {
            seen.set(id, view)
            board.show(view)
          }
          if (view ? hasEnded(view) : event.type === 'all') open.delete(id)
        }
      }
      if (open.size === 0) break
    }
    return [...seen.values()]
  } finally {
    board.end()
    if (signal.aborted)
      output.progress('downloads', `They go on in the machine: runcomfy downloads ls ${files.machine.id}`)
  }
}
