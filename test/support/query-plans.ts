import type { Db } from '~/db/open'

/**
 * How SQLite goes about each query that the work sends, a line for each step.
 * @param tables only of queries that look at one of these
 */
export function queryPlans({ $client }: Db, tables: readonly string[], work: () => unknown): string[] {
  const { prepare } = $client
  const sent: string[] = []
  $client.prepare = (source: string) => {
    sent.push(source)
    return prepare.call($client, source) as never
  }
  try {
    work()
  } finally {
    $client.prepare = prepare
  }
  return sent
    .filter((source) => source.startsWith('select') && tables.some((table) => source.includes(`"${table}"`)))
    .flatMap((source) => {
      const explained = prepare.call($client, `explain query plan ${source}`) as {
        all(...given: unknown[]): unknown[]
      }
      const given = Array(source.split('?').length - 1).fill(1)
      return (explained.all(...given) as { detail: string }[]).map(({ detail }) => detail)
    })
}
