import type { DownloadAction, DownloadView, RefusalView } from '../../../filebrowser/contract'
import type { Cli } from '../../cli'
import { confirm } from '../../confirm'
import { CliError, EXIT } from '../../exits'
import { lineOf } from '../../files/board'
import { type Files, openFiles } from '../../files/files'
import { refusedBy, sentenceOf } from '../../files/refusal'
import { oneLine } from '../../output/one-line'

interface Changed {
  changed: DownloadView[]
  refused: { id: string; error: RefusalView }[]
}

const PREFIX_MIN = 4

export interface Chosen {
  all?: boolean
  yes?: boolean
}

/** @param chosen all, or whole ids or how they begin */
export async function act(
  cli: Cli,
  machine: string,
  action: DownloadAction,
  { ids: given, all = false, yes }: Chosen & { ids: string[] },
): Promise<void> {
  if (all === given.length > 0)
    throw new CliError(EXIT.usage, 'Say which downloads by their ids, or --all, and not both.')
  if (given.some((text) => text.length < PREFIX_MIN))
    throw new CliError(EXIT.usage, `Give at least the first ${PREFIX_MIN} characters of an id.`)
  const files = await openFiles(cli, machine)
  const ids = all ? 'all' : await idsOf(files, given)
  if (action === 'cancel') {
    const which =
      ids === 'all' ? 'all downloads' : ids.length === 1 ? 'this download' : `${ids.length} downloads`
    await confirm(cli, `Cancel ${which} of ${files.machine.name}? What has arrived is removed.`, yes)
  }
  const answer = await files.ask<Changed>('downloads/actions', { action, ids })
  const { changed, refused } = answer
  const [first] = refused
  if (first && changed.length === 0) throw refusedBy(first.error)
  cli.output.payload(answer, changed.map(lineOf).join('\n') || 'There was nothing to change.')
  if (first)
    throw new CliError(
      EXIT.failed,
      refused.map(({ id, error }) => `${oneLine(id)}: ${sentenceOf(error)}`).join('\n'),
    )
}

async function idsOf(files: Files, given: string[]): Promise<string[]> {
  const downloads = await files.ask<DownloadView[]>('downloads')
  const ids = given.map((text) => {
    const found = downloads.filter(({ id }) => id.startsWith(text))
    const [only] = found
    if (only && found.length === 1) return only.id
    throw only
      ? new CliError(EXIT.usage, `Several downloads begin with ${text}. Give more of the id.`)
      : new CliError(
          EXIT.badInput,
          `No download of ${files.machine.name} begins with ${text}. See them: runcomfy downloads ls ${files.machine.id}`,
        )
  })
  return [...new Set(ids)]
}
