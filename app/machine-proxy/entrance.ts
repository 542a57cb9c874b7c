import type { IncomingMessage } from 'node:http'
import { findMachineAccess, MACHINE_COOKIE_LIFE_SECONDS, redeemMachineTicket } from '../../db/machine-access'
import type { MachineStatus } from '../../db/schema'
import type { AppError } from '../../errors'
import { cookieName, hostCookie, readCookie } from '../server/cookies'
import type { Services } from '../trpc/context'
import type { MachineTarget } from './hosts'

const ENTRANCE = '/.slipway/enter'

/** What the proxy does with a request to a machine's host. */
export type Admission =
  | { kind: 'entered'; cookie: string }
  | { kind: 'admitted'; address: string }
  | { kind: 'not_running'; status: Exclude<MachineStatus, 'running'> }
  /** No ticket, no cookie, no such machine, not theirs: one answer for all. */
  | { kind: 'unknown' }
  /** Whoever speaks for themselves hears why not. */
  | { kind: 'refused'; error: AppError }
  /** It could not be found out just now. */
  | { kind: 'unavailable' }

/** Decides who comes in: once by ticket, afterwards by the cookie that it was exchanged for. */
export function entrance({ db, clock }: Pick<Services, 'db' | 'clock'>, { secure }: { secure: boolean }) {
  const name = cookieName('machine', secure)
  return (target: MachineTarget, req: IncomingMessage): Admission => {
    // By hand: what a client sends as its target need not be a URL.
    const [path, query] = (req.url ?? '').split('?', 2)
    if (path === ENTRANCE) {
      const ticket = req.method === 'GET' ? new URLSearchParams(query).get('ticket') : null
      const secret = ticket ? redeemMachineTicket(db, ticket, target, clock) : undefined
      if (!secret) return { kind: 'unknown' }
      return {
        kind: 'entered',
        cookie: hostCookie(name, secret, { maxAgeSeconds: MACHINE_COOKIE_LIFE_SECONDS, secure }),
      }
    }
    const secret = readCookie(req.headers.cookie, name)
    const access = secret ? findMachineAccess(db, secret, target, clock) : undefined
    if (!access) return { kind: 'unknown' }
    if (access.status !== 'running') return { kind: 'not_running', status: access.status }
    return access.address ? { kind: 'admitted', address: access.address } : { kind: 'unknown' }
  }
}
