import type { IncomingHttpHeaders } from 'node:http'

/** Concerns one connection only. How a body is framed is told apart: it must never be lost on the way. */
const HOP_BY_HOP = /^(connection|keep-alive|proxy-.*|te|trailer|upgrade)$/
const NEVER_NAMED = ['content-length', 'transfer-encoding', 'host']

/** @returns the headers without those that are for the next server alone, also by the sender's own word */
export function withoutHopByHop(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = (headers.connection ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => !NEVER_NAMED.includes(name))
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !HOP_BY_HOP.test(name) && !named.includes(name)),
  )
}
