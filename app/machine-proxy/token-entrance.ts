import type { IncomingMessage } from 'node:http'
import { findOwnService } from '../../db/machine-access'
import { AppError, notFound } from '../../errors'
import { networkOf } from '../server/network-of'
import { bearerToken } from '../server/origin-check'
import { readApiToken } from '../server/request-context'
import type { Services } from '../trpc/context'
import { covers, lacksScope } from '../trpc/scopes'
import type { Admission } from './entrance'
import type { MachineTarget } from './hosts'

/**
 * Whether a request speaks for itself. That counts for the file manager alone, which is Slipway's own program:
 * what else runs in a machine is its user's, and none of it is to be an API of Slipway's.
 */
export const bringsToken = (target: MachineTarget, req: IncomingMessage): boolean =>
  target.service === 'filebrowser' && bearerToken(req) !== undefined

const READS = ['GET', 'HEAD']

/** Decides who comes in by an API token: its owner, into their own machines, as far as its scopes go. */
export const tokenEntrance =
  ({ db, clock }: Pick<Services, 'db' | 'clock'>) =>
  (target: MachineTarget, req: IncomingMessage): Admission => {
    const apiToken = readApiToken({ db, clock }, bearerToken(req))
    if (!apiToken || 'refusal' in apiToken)
      return { kind: 'refused', error: new AppError('signed_out', apiToken?.refusal ?? 'Sign in first.') }
    const { grant } = apiToken
    const needed = READS.includes(req.method ?? '') ? 'machines:read' : 'machines:write'
    if (!covers(grant.scopes, needed)) return { kind: 'refused', error: lacksScope(grant.scopes, needed) }
    const access = findOwnService(db, grant.user.id, target)
    if (!access) return { kind: 'refused', error: notFound('machine') }
    if (access.status !== 'running') return { kind: 'not_running', status: access.status }
    return access.address
      ? { kind: 'admitted', address: access.address }
      : { kind: 'refused', error: notFound('running service') }
  }

/** Counts tokens that open nothing, as the API does. @returns what to refuse with */
export async function countRefusal(
  { limits }: Pick<Services, 'limits'>,
  error: AppError,
  address: string,
): Promise<AppError> {
  if (error.code !== 'signed_out') return error
  try {
    await limits.take('wrong_api_tokens', networkOf(address))
    return error
  } catch (tooMany) {
    if (tooMany instanceof AppError) return tooMany
    throw tooMany
  }
}
