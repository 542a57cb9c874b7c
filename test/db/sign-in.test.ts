import { describe, expect, it, test } from 'vitest'
import { inviteUser } from '~/db/invitations'
import { maySignUp, signInByIdentity } from '~/db/sign-in'
import { listUsers } from '~/db/users'
import type { SignUp } from '~/sign-in-settings'
import { SOMEBODY, SOMEWHERE } from '../support/actors'
import { testInstallation } from '../support/installation'

const DOMAIN: SignUp = { kind: 'domain', domains: ['example.org'] }

test.each([
  [{ kind: 'invite' } as SignUp, 'mo@example.org', false],
  [{ kind: 'open' } as SignUp, 'mo@anywhere.test', true],
  [DOMAIN, 'mo@example.org', true],
  [DOMAIN, 'mo@sub.example.org', false],
  [DOMAIN, 'mo@notexample.org', false],
  [DOMAIN, 'mo@example.org.evil.test', false],
  [DOMAIN, 'example.org', true],
])('with %o, %s may sign up: %s', (signUp, email, may) => {
  // The last line is why an address is checked to be one before it comes here.
  expect(maySignUp(signUp, email)).toBe(may)
})

describe('whom a provider vouches for', () => {
  const identity = {
    issuer: 'https://id.example.org',
    subject: '1',
    email: 'Mo@Example.org',
    emailVerified: true,
    name: 'Mo',
  }
  const by = (signUp: SignUp) => ({ label: 'Work', signUp, from: SOMEWHERE })

  it('is the invited user with the same, verified address, and from then on the same person whatever the address', () => {
    const { db, clock } = testInstallation()
    const invited = inviteUser(db, { email: 'mo@example.org', name: 'Mo', role: 'member' }, SOMEBODY, clock)
    expect(signInByIdentity(db, identity, by({ kind: 'invite' }), clock).user.id).toBe(invited.id)
    const later = { ...identity, email: 'other@example.org', emailVerified: false }
    expect(signInByIdentity(db, later, by({ kind: 'invite' }), clock).user.id).toBe(invited.id)
  })

  it.each([
    ['whose address nobody verified', { ...identity, emailVerified: false }],
    ['without an address', { ...identity, email: null }],
    [
      'of another issuer with the same number',
      { ...identity, issuer: 'https://evil.test', emailVerified: false },
    ],
  ])('is nobody: a person %s', (_who, stranger) => {
    const { db, clock } = testInstallation()
    inviteUser(db, { email: 'mo@example.org', name: 'Mo', role: 'member' }, SOMEBODY, clock)
    signInByIdentity(db, identity, by({ kind: 'invite' }), clock)
    const before = listUsers(db)
    expect(() => signInByIdentity(db, { ...stranger, subject: '2' }, by({ kind: 'open' }), clock)).toThrow(
      'verified e-mail address',
    )
    expect(listUsers(db)).toEqual(before)
  })

  it('gets a member’s account where the server lets them sign up, and only there', () => {
    const { db, clock } = testInstallation()
    expect(() => signInByIdentity(db, identity, by({ kind: 'invite' }), clock)).toThrow('no account here')
    const { user } = signInByIdentity(db, identity, by(DOMAIN), clock)
    expect(user).toMatchObject({ name: 'Mo', email: 'mo@example.org', role: 'member' })
    expect(signInByIdentity(db, identity, by({ kind: 'invite' }), clock).user.id).toBe(user.id)
  })
})
