import { eq } from 'drizzle-orm'
import { describe, expect, it, test } from 'vitest'
import { inviteUser, withdrawInvitation } from '~/db/invitations'
import { users } from '~/db/schema'
import { createTerminalLink, hasAnybodySignedIn } from '~/db/sign-in-links'
import { redeemSignInLink } from '~/db/sign-in-redemption'
import { changeUser, disableUser, listUsers, type User } from '~/db/users'
import { AT_TERMINAL, SOMEBODY } from '../support/actors'
import { testInstallation } from '../support/installation'

const actor = ({ id, name }: User) => ({ kind: 'user', id, name, address: null }) as const

function withInvitedAdmin() {
  const system = testInstallation()
  const { db, clock } = system
  clock.advance(1000)
  const invited = inviteUser(db, { email: 'typo@example.org', name: 'Typo', role: 'admin' }, SOMEBODY, clock)
  const enterAtTerminal = () => redeemSignInLink(db, createTerminalLink(db, clock), AT_TERMINAL, clock).user
  return { ...system, invited, enterAtTerminal }
}

describe('an administrator who was invited and never came', () => {
  test.each<[string, (system: ReturnType<typeof withInvitedAdmin>) => void]>([
    [
      'made a member',
      ({ db, admin, clock }) => changeUser(db, admin.id, { role: 'member' }, actor(admin), clock),
    ],
    ['disabled', ({ db, admin, clock }) => disableUser(db, admin.id, actor(admin), clock)],
  ])('is no reason that the only other one may be %s', (_what, change) => {
    const system = withInvitedAdmin()
    const before = listUsers(system.db)
    expect(() => change(system)).toThrow('only administrator')
    expect(listUsers(system.db)).toEqual(before)
  })

  it('is one, once they have come', () => {
    const { db, admin, invited, clock } = withInvitedAdmin()
    db.update(users).set({ signedInAt: clock() }).where(eq(users.id, invited.id)).run()
    disableUser(db, admin.id, actor(admin), clock)
    expect(listUsers(db).find(({ id }) => id === admin.id)?.disabledAt).toBe(clock())
  })

  it('is not whom the link of the terminal signs in, though nobody else is administrator', () => {
    const { db, admin, invited, enterAtTerminal } = withInvitedAdmin()
    expect(enterAtTerminal().id).toBe(admin.id)
    db.delete(users).where(eq(users.id, admin.id)).run()
    expect(hasAnybodySignedIn(db)).toBe(false)
    const own = enterAtTerminal()
    expect(own).toMatchObject({ name: 'Administrator', role: 'admin', email: null })
    expect(enterAtTerminal().id).toBe(own.id)
    expect(listUsers(db).find(({ id }) => id === invited.id)?.signedInAt).toBeNull()
  })
})

describe('to withdraw an invitation is refused, whatever the row says,', () => {
  it('of oneself', () => {
    const { db, invited, clock } = withInvitedAdmin()
    expect(() => withdrawInvitation(db, invited.id, actor(invited), clock)).toThrow('your own account')
    expect(listUsers(db).map(({ id }) => id)).toContain(invited.id)
  })

  it('of the last administrator', () => {
    const { db, admin, invited, clock } = withInvitedAdmin()
    db.delete(users).where(eq(users.id, admin.id)).run()
    expect(() => withdrawInvitation(db, invited.id, SOMEBODY, clock)).toThrow('only administrator')
    expect(listUsers(db).map(({ id }) => id)).toContain(invited.id)
  })
})
