import { formatBytes } from '../../../format-bytes'
import { PROVIDERS, type ProviderId } from '../../../providers/registry'
import type { Cli } from '../../cli'
import { CliError, EXIT } from '../../exits'
import { exitOfRefusal, sentenceOf } from '../../files/refusal'
import { providerNamed } from '../../named/provider'
import { checkText } from './describe'

/** Ends well when the token is good, `notAllowed` when it is refused, `tryAgain` when nobody knows. */
export async function check(cli: Cli, given: string, model: string | undefined): Promise<void> {
  const provider = providerNamed(given)
  await (model === undefined ? checkToken(cli, provider) : checkModel(cli, provider, model))
}

async function checkToken(cli: Cli, provider: ProviderId): Promise<void> {
  const answer = await cli.ask((api) => api.providerTokens.check.mutate({ provider }))
  const { check, message } = answer
  const isNew = message === null && check !== null
  if (isNew && check.state === 'valid')
    return cli.output.payload(answer, `${PROVIDERS[provider].label}: ${checkText(check)}`)
  if (cli.output.mode === 'json') cli.output.payload(answer)
  if (isNew && check.state === 'refused') throw new CliError(EXIT.notAllowed, checkText(check))
  throw new CliError(EXIT.tryAgain, message ?? checkText(check))
}

async function checkModel(cli: Cli, provider: ProviderId, model: string): Promise<void> {
  const answer = await cli.ask((api) => api.providerTokens.checkModel.mutate({ provider, model }))
  if (answer.state === 'opens') {
    const { name, sizeBytes, withoutToken } = answer
    const size = sizeBytes === null ? '' : ` (${formatBytes(sizeBytes)})`
    const text = `${name}${size} opens${withoutToken ? ', also without a token.' : ' with your token.'}`
    return cli.output.payload(answer, text)
  }
  if (cli.output.mode === 'json') cli.output.payload(answer)
  if (answer.state === 'not_checked') throw new CliError(EXIT.tryAgain, answer.message)
  const { about, code, message, link } = answer
  throw new CliError(
    exitOfRefusal(code),
    `${about} does not open. ${sentenceOf({ message, link: link ?? undefined })}`,
  )
}
