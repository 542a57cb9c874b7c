import { setTimeout as pause } from 'node:timers/promises'
import type { Cli } from '../../cli'
import { CliError, EXIT } from '../../exits'
import { askAgain } from '../../http/ask-again'
import type { Save } from '../../http/shapes'
import { progressOf } from './describe'

const LOOK_EVERY_MS = 1000

/**
 * Tells how far a save is until it is whole.
 * @throws CliError `upstream` when saving failed, `badInput` when somebody deleted it meanwhile
 */
export async function waitUntilSaved(cli: Cli, id: string): Promise<Save> {
  try {
    return await firstSaved(cli, id)
  } catch (error) {
    if (cli.signal.aborted)
      cli.output.warn(`The save ${id} goes on. To end and delete it: runcomfy saves rm ${id}`)
    throw error
  }
}

async function firstSaved(cli: Cli, id: string): Promise<Save> {
  let told: string | undefined
  for (;;) {
    const save = await askAgain(cli, (api) => api.cloudSaves.get.query({ id }))
    const telling = save.status === 'saving' ? progressOf(save) : save.status
    if (telling !== told) cli.output.progress('save', telling)
    told = telling
    if (save.status === 'saved') return save
    if (save.status === 'failed')
      throw new CliError(EXIT.upstream, `The save ${id} failed. ${save.error?.message ?? ''}`)
    await pause(LOOK_EVERY_MS, undefined, { signal: cli.signal })
  }
}
