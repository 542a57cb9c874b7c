import { expect, test } from 'vitest'
import { listAuditEntries } from '~/db/audit'
import { providerTokens, userTokens } from '~/db/schema'
import { disableUser, enableUser } from '~/db/users'
import { SOMEBODY } from '../support/actors'
import { startSite } from './site'

test.each([
  ['apiTokens.create', { name: 'One', scopes: ['write'] }],
  ['providerTokens.save', { provider: 'huggingface', token: 'hf_CANARY0123456789' }],
])('fault 64: %s, begun before its account was disabled, makes nothing', async (procedure, input) => {
  const { services, db, clock, member, signedIn } = await startSite()
  const { take } = services.limits
  services.limits.take = async (...what) => {
    await take(...what)
    // Who asks is known by now, and nothing is done yet.
    disableUser(db, member.id, SOMEBODY, clock)
  }
  expect((await signedIn(member).mutate(procedure, input)).status).toBe(401)
  enableUser(db, member.id, SOMEBODY, clock)
  expect([...db.select().from(userTokens).all(), ...db.select().from(providerTokens).all()]).toEqual([])
  expect(listAuditEntries(db, {}, { limit: 9 }).map(({ action }) => action)).toEqual([
    'user_enabled',
    'user_disabled',
  ])
})
