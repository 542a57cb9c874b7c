import type { DownloadView, PreflightView, RefusalView } from '../../../filebrowser/contract'
import type { Cli } from '../../cli'
import { CliError, EXIT } from '../../exits'
import { openFiles } from '../../files/files'
import { followDownloads } from '../../files/follow'
import { planText } from '../../files/plan-text'
import { refusedBy, sentenceOf } from '../../files/refusal'
import { oneLine } from '../../output/one-line'
import { holdsToken } from '../../token-in-address'
import { requireArrived } from './arrived'

export interface AddOptions {
  folder?: string
  name?: string
  follow?: boolean | undefined
  plan?: boolean
}

interface Added {
  downloads: DownloadView[]
  refused: { source: string; error: RefusalView }[]
}

export async function add(
  cli: Cli,
  given: string,
  sources: string[],
  { folder, name, follow, plan }: AddOptions,
): Promise<void> {
  const { output } = cli
  if (sources.some((source) => holdsToken(source)))
    throw new CliError(
      EXIT.usage,
      'There is a token in what you gave. Give the address alone: the machine has its own tokens.',
    )
  if (name !== undefined && sources.length > 1)
    throw new CliError(EXIT.usage, 'Only a single file can be given a name. Leave --name out.')
  const files = await openFiles(cli, given)
  const planned = await files.ask<PreflightView>('preflight', { source: sources.join('\n') })
  const text = planText(planned)
  if (plan) output.payload(planned, text)
  else for (const line of text.split('\n')) output.progress('plan', line)
  if (planned.error) throw refusedBy(planned.error)
  if (plan) return
  if (isAllHere(planned) && folder === undefined && name === undefined)
    return output.payload({ downloads: [], refused: [] }, 'All of it is here already.')

  const { downloads, refused } = await files.ask<Added>('downloads', {
    files: sources.map((source) => ({ source, folder, name })),
  })
  const [first] = refused
  if (first && downloads.length === 0) throw refusedBy(first.error)
  for (const { source, error } of refused) output.warn(`${oneLine(source)}: ${sentenceOf(error)}`)
  output.progress('downloads', `${downloads.length} added to ${files.machine.name}.`)
  const last = follow ? await followDownloads(cli, files, downloads) : downloads
  output.payload({ downloads: last, refused }, last.map(({ id }) => oneLine(id)).join('\n'))
  if (follow) requireArrived(last)
  if (first)
    throw new CliError(
      EXIT.failed,
      `${refused.length} of what was asked for can't be had; the rest was added.`,
    )
}

const isAllHere = ({ files }: PreflightView) =>
  files.some(({ present }) => present?.same) && !files.some(({ chosen }) => chosen)
