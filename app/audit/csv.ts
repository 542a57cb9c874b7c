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

export const auditCsvHeader = (): string => row(COLUMNS.map(([name]) => name))

export const auditCsvRows = (entries: Entry[]): string =>
  entries.map((entry) => row(COLUMNS.map(([, value]) => value(entry) ?? ''))).join('')

const row = (values: string[]) => `${values.map(field).join(',')}\r\n`

/** A spreadsheet takes what begins like a formula for one; with an apostrophe in front it stays text. */
function field(value: string): string {
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
