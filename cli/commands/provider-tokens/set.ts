import { PROVIDERS, type ProviderId } from '../../../providers/registry'
import type { Cli } from '../../cli'
import { CliError, EXIT, LostAnswer } from '../../exits'
import type { Api } from '../../http/api'
import { providerNamed } from '../../named/provider'
import { readSecret } from '../../secret'
import { checkText, keepingText } from './describe'

export interface SetOptions {
  anyway?: boolean
  relaunch?: boolean
}

/** @param given the provider, and what should not be there */
export async function set(
  cli: Cli,
  given: string[],
  { anyway = false, relaunch = false }: SetOptions,
): Promise<void> {
  const provider = providerNamed(given[0] ?? '')
  if (given.length > 1)
    throw new CliError(
      EXIT.usage,
      `Only the provider belongs here: other users of this computer can read a token in a command line. Run runcomfy provider-tokens set ${provider} and type it at the prompt, or send it to stdin: … < file`,
    )
  const { label } = PROVIDERS[provider]
  const token = await readSecret(cli, `Your ${label} token`)
  const saved = await cli.ask((api) => save(api, { provider, token, anyway }))
  const text = `The ${label} token is saved. ${checkText(saved.check)}`
  if (!relaunch) return cli.output.payload(saved, `${text}${keepingText(saved.keeping)}`)
  const { machines } = await cli
    .ask((api) => api.providerTokens.relaunchHolders.mutate({ provider }))
    .catch((error) => {
      throw althoughSaved(error)
    })
  const lines = machines.map(({ id, replaces }) => `\nRelaunching ${replaces} as ${id}.`)
  cli.output.payload({ ...saved, machines }, `${text}${lines.join('')}`)
}

function althoughSaved(error: unknown): unknown {
  if (!(error instanceof CliError)) return error
  const were = error instanceof LostAnswer ? 'may not have been' : 'were not'
  return new CliError(error.exit, `The token is saved, but the machines ${were} relaunched: ${error.message}`)
}

type Given = { provider: ProviderId; token: string; anyway: boolean }

async function save(api: Api, given: Given) {
  try {
    return await api.providerTokens.save.mutate(given)
  } catch (error) {
    if (!mayInsist(error)) throw error
    throw new CliError(EXIT.notAllowed, `${error.message} That takes --anyway.`)
  }
}

const mayInsist = (error: unknown): error is Error =>
  error instanceof Error &&
  'data' in error &&
  (error.data as { mayInsist?: boolean } | null)?.mayInsist === true
