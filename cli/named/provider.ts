import { PROVIDER_IDS, type ProviderId } from '../../providers/registry'
import { CliError, EXIT } from '../exits'

const ALIASES = new Map<string, ProviderId>([['hf', 'huggingface']])

/** @throws CliError `usage`, which doesn't repeat what was given: it may be a token in the wrong place */
export function providerNamed(given: string): ProviderId {
  const name = given.toLowerCase()
  const provider = ALIASES.get(name) ?? PROVIDER_IDS.find((id) => id === name)
  if (provider) return provider
  throw new CliError(EXIT.usage, `Say whose token it is: ${PROVIDER_IDS.join(' or ')}.`)
}
