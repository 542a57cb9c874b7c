import { CLI_TOKEN_LIFE_SECONDS, type DeviceGrant } from '../../db/device-grants'
import type { User } from '../../db/users'
import { networkOf } from '../server/network-of'
import type { Context } from './context'
import { describeBrowser } from './describe-browser'
import { iso } from './iso'
import { isForAdmins, SCOPE_AREAS } from './scopes'

/** What asks to be let in. */
export const deviceGrantView = (grant: DeviceGrant, { oauth }: Pick<Context, 'oauth'>) => ({
  id: grant.id,
  clientId: grant.clientId,
  clientName: oauth.clientName(grant.clientId) ?? grant.clientId,
  deviceName: grant.deviceName,
  scopes: grant.scopes.split(' '),
  address: grant.address,
  userAgent: grant.userAgent,
  createdAt: iso(grant.createdAt),
  expiresAt: iso(grant.expiresAt),
})

/** The same for whoever has to decide about it. */
export function deviceGrantQuestion(
  grant: DeviceGrant,
  ctx: Pick<Context, 'from' | 'clock' | 'oauth'> & { user: User },
) {
  const { user, from, clock } = ctx
  const view = deviceGrantView(grant, ctx)
  const now = clock()
  return {
    ...view,
    state: stateAt(grant, now),
    /** What the program says it is; empty when it says nothing. */
    introducedAs: grant.userAgent && describeBrowser(grant.userAgent),
    isFromHere: networkOf(grant.address) === networkOf(from.address),
    rights: view.scopes.map((scope) => ({ text: inWords(scope), isForAdmins: isForAdmins([scope]) })),
    /** As whom it would act. */
    userName: user.name,
    mayApprove: user.role === 'admin' || !isForAdmins(view.scopes),
    /** Until when its token would be good. */
    tokenExpiresAt: iso(now + CLI_TOKEN_LIFE_SECONDS * 1000),
  }
}

function stateAt(
  { status, expiresAt }: DeviceGrant,
  now: number,
): 'pending' | 'approved' | 'denied' | 'expired' {
  if (status === 'redeemed') return 'approved'
  return status !== 'denied' && expiresAt <= now ? 'expired' : status
}

const WORDS = new Map([
  ['read', 'See everything you have here: machines, the masks of tokens, your account and its activity'],
  ['write', 'See and change everything you have here: launch and stop machines, save and clear tokens'],
  ['admin:read', 'See everybody’s failed launches'],
  ['admin:write', 'Administer this server: see and retry everybody’s failed launches'],
  ...Object.entries(SCOPE_AREAS).flatMap(([area, label]): [string, string][] => [
    [`${area}:read`, `${label}: see`],
    [`${area}:write`, `${label}: see and change`],
  ]),
])

const inWords = (scope: string) => WORDS.get(scope) ?? scope
