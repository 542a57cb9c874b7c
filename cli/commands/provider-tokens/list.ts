import type { Cli } from '../../cli'
import type { ListedProviderToken } from '../../http/shapes'
import { type Column, table } from '../../output/table'
import { checkText, keepingText } from './describe'

export async function list(cli: Cli): Promise<void> {
  const tokens = await cli.ask((api) => api.providerTokens.list.query())
  const held = tokens.flatMap(({ holders }) => holders.filter(({ holds }) => holds === 'older'))
  const shown = table(tokens, COLUMNS, { width: cli.output.columns, empty: '' })
  cli.output.payload(tokens, `${shown}${keepingText(held)}`)
}

const COLUMNS: Column<ListedProviderToken>[] = [
  { title: 'PROVIDER', of: ({ provider }) => provider },
  { title: 'TOKEN', of: ({ saved, masked }) => (saved ? (masked ?? '') : 'not saved') },
  { title: 'SAVED', of: ({ updatedAt }) => updatedAt?.slice(0, 10) ?? '' },
  { title: 'CHECK', of: saidOf },
]

function saidOf({ saved, check, checksOn }: ListedProviderToken): string {
  if (!saved) return ''
  return check || !checksOn ? checkText(check) : 'Not checked yet.'
}
