import type { Cli } from '../../cli'
import { oneLine } from '../../output/one-line'
import { checkText, keepingText } from './describe'

export async function list(cli: Cli): Promise<void> {
  const tokens = await cli.ask((api) => api.providerTokens.list.query())
  const texts = tokens.map(({ provider, saved, masked, updatedAt, check, checksOn, holders }) => {
    const held = keepingText(holders.filter(({ holds }) => holds === 'older'))
    if (!saved) return `${provider}  not saved${held}`
    const said = check || !checksOn ? checkText(check) : 'Not checked yet.'
    return `${provider}  ${masked}  saved ${updatedAt?.slice(0, 10)}  ${oneLine(said)}${held}`
  })
  cli.output.payload(tokens, texts.join('\n'))
}
