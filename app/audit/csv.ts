import { csvRow } from '../csv'
import type { Api } from '../trpc/router'

type Entry = Awaited<ReturnType<Api['admin']['audit']>>['entries'][number]

const COLUMNS: [string, (entry: Entry) => string | null][] = [
  ['time', ({ at }) => at],
  ['action', ({ action }) => action],
  ['what', ({ label }) => label],
  ['target', ({ target }) => target],
  ['detail', ({ detail }) => detail],
  ['account', ({ subject }) => subject],
  ['by', ({ by }) => by],
  ['by_kind', ({ byKind }) => byKind],
  ['address', ({ address }) => address],
]

export const auditCsvHeader = (): string => csvRow(COLUMNS.map(([name]) => name))

export const auditCsvRows = (entries: Entry[]): string =>
  entries.map((entry) => csvRow(COLUMNS.map(([, value]) => value(entry) ?? ''))).join('')
