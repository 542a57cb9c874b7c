import { data } from '@remix-run/node'
import { submitted } from '../guard'
import type { Api } from '../trpc/router'

type Page = Awaited<ReturnType<Api['admin']['audit']>>

/** What a page of the log shows: entries, or what is wrong with the filters that an address asks for. */
export async function auditAnswer<T extends object>(asked: Promise<Page>, besides: T) {
  const { done: page, fault } = await submitted(asked)
  return data({ ...besides, page, fault }, { status: fault ? 400 : 200 })
}
