import { PROVIDERS } from '../../../providers/registry'
import type { Cli } from '../../cli'
import { confirm } from '../../confirm'
import { providerNamed } from '../../named/provider'
import { keepingText } from './describe'

export async function clear(cli: Cli, given: string, yes: boolean | undefined): Promise<void> {
  const provider = providerNamed(given)
  const { label } = PROVIDERS[provider]
  await confirm(cli, `Forget your ${label} token? Nobody can bring it back.`, yes)
  const cleared = await cli.ask((api) => api.providerTokens.clear.mutate({ provider }))
  cli.output.payload(cleared, `No ${label} token is saved any more.${keepingText(cleared.keeping)}`)
}
