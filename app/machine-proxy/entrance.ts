import type { IncomingMessage } from 'node:http'
import { findMachineAccess, MACHINE_COOKIE_LIFE_SECONDS, redeemMachineTicket } from '../../db/machine-access'
import type { MachineStatus } from '../../db/schema'
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

/** Decides who comes in: once by ticket, afterwards by the cookie that it was exchanged for. */
export function entrance({ db, clock }: Pick<Services, 'db' | 'clock'>, { secure }: { secure: boolean }) {
  const name = cookieName('machine', secure)
  return (target: MachineTarget, req: IncomingMessage): Admission => {
    const url = new URL(req.url ?? '/', 'http://machine')
    if (url.pathname === ENTRANCE) {
      const ticket = req.method === 'GET' ? url.searchParams.get('ticket') : null
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
