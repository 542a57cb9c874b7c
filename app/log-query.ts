import type { Api } from './trpc/router'

type LogInput = Parameters<Api['machines']['logs']>[0]
export type LogService = NonNullable<LogInput['service']>

/** Which part of which log a page's address asks for; the procedure's schema is what decides. */
export function logQuery(params: URLSearchParams): Omit<LogInput, 'id'> {
  const given = (name: string) => params.get(name)?.trim() || undefined
  return {
    service: given('log') as LogService | undefined,
    attempt: attemptOf(params),
    cursor: given('cursor'),
    search: given('search'),
  }
}

export function attemptOf(params: URLSearchParams): number | undefined {
  const text = params.get('attempt')
  return text ? Number(text) : undefined
}
