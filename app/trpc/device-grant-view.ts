import { isIP } from 'node:net'
import { isWithStrangers } from '../../db/device-grant-decisions'
import { CLI_TOKEN_LIFE_SECONDS } from '../../db/device-grant-redemption'
import type { DeviceGrant } from '../../db/device-grants'
import type { User } from '../../db/users'
import { isPublicAddress } from '../../providers/network/addresses'
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
    isWithStrangers: isWithStrangers(grant),
    /** What the program says it is; empty when it says nothing. */
    introducedAs: grant.userAgent && describeBrowser(grant.userAgent),
    isFromElsewhere: areApart(grant.address, from.address),
    rights: view.scopes.map((scope) => ({ text: inWords(scope), isForAdmins: isForAdmins([scope]) })),
    /** As whom it would act. */
    userName: user.name,
    mayApprove: user.role === 'admin' || !isForAdmins(view.scopes),
    /** Until when its token would be good. */
    tokenExpiresAt: iso(now + CLI_TOKEN_LIFE_SECONDS * 1000),
  }
}

/** Whether two addresses can be told apart: behind a proxy that isn't trusted all are the same, and one device has
 * an address of either family. */
const areApart = (one: string, other: string) =>
  isIP(one) === isIP(other) && [one, other].every(isPublicAddress) && networkOf(one) !== networkOf(other)

const stateAt = ({ status, expiresAt }: DeviceGrant, now: number): DeviceGrant['status'] | 'expired' =>
  (status === 'pending' || status === 'approved') && expiresAt <= now ? 'expired' : status

const WORDS = new Map([
  [
    'read',
    'See everything you have here: machines with their files and logs, the masks of tokens, your account and its activity',
  ],
  [
    'write',
    'See and change everything you have here: launch, stop and delete machines with their files, change files, make and delete saves, save and clear third-party tokens, revoke API tokens',
  ],
  ['admin:read', 'See how this server is, everybody’s machines and failed launches'],
  [
    'admin:write',
    'Administer this server: see how it is and everybody’s machines, see and retry failed launches',
  ],
  ...Object.entries(SCOPE_AREAS).flatMap(([area, label]): [string, string][] => [
    [`${area}:read`, `${label}: see`],
    [`${area}:write`, `${label}: see and change`],
  ]),
  ['account:write', 'Account and activity: see and change, revoke API tokens'],
  ['machines:read', 'Machines: see them, their files and logs'],
  [
    'machines:write',
    'Machines: see, launch, stop and delete them with their files, change files, make and delete saves',
  ],
])

const inWords = (scope: string) => WORDS.get(scope) ?? scope
