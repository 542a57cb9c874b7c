import { eq } from 'drizzle-orm'
import { expect, it, onTestFinished, test } from 'vitest'
import { users } from '~/db/schema'
import { createUser, findUserByEmail, type User } from '~/db/users'
import { startMailServer } from '../fakes/mail'
import { startSite } from './site'
import { dataOf } from './visitor'

const PAGE = '/admin/users'
const LAST = 'This is the only administrator. Make somebody else one first.'

async function signedInAdmin(env: Record<string, string> = {}) {
  const site = await startSite({ env })
  const send = (intent: string, fields: Record<string, string> = {}) =>
    site.signedIn(site.admin).submit(PAGE, { intent, ...fields })
  const stored = ({ id }: User) => site.db.select().from(users).where(eq(users.id, id)).get()
  return { ...site, send, stored }
}

it('somebody is invited, and without a mail server the page says where they sign in and how they get their link', async () => {
  const { send, db, settings } = await signedInAdmin()
  const { text } = await send('invite', { email: 'New@Example.org', role: 'admin' })
  expect(text).toContain(`This server sends no mail: tell them to open ${settings.publicUrl}/sign-in`)
  expect(text).toContain('somebody has to hand it over')
  expect(findUserByEmail(db, 'new@example.org')).toMatchObject({ name: 'new', role: 'admin' })
  expect(text).toContain('Invited')
})

it('an invitation says whether its mail went out, and what is to be done when it did not', async () => {
  const mail = await startMailServer()
  onTestFinished(mail.close)
  const { send, db, settings } = await signedInAdmin({
    SMTP_URL: mail.url,
    MAIL_FROM: 'Slipway <slipway@example.org>',
  })
  const sent = await send('invite', { email: 'bo@example.org', role: 'member' })
  expect(sent.text).toContain('bo@example.org is invited, and has mail that says so.')
  expect(mail.mails.map(({ to }) => to)).toEqual([['bo@example.org']])
  mail.misbehave({ refuse: 554 }, { refuse: 554 }, { refuse: 554 })
  const failed = await send('invite', { email: 'cy@example.org', role: 'member' })
  expect(failed.text).toContain(`could not be sent: tell them to open ${settings.publicUrl}/sign-in`)
  expect(failed.text).toContain('Have the mail server looked at first')
  expect(findUserByEmail(db, 'cy@example.org')).toBeDefined()
})

test.each([
  [
    'an address that is taken',
    { email: 'bo@example.org' },
    'Somebody with this e-mail address is here already',
  ],
  ['what is no address', { email: 'bo' }, 'no e-mail address'],
  ['a role that there is not', { email: 'cy@example.org', role: 'owner' }, 'Must be one of admin, member'],
])('an invitation of %s is refused, and what was typed stays', async (_what, given, message) => {
  const { send, db } = await signedInAdmin()
  await send('invite', { email: 'bo@example.org', role: 'member' })
  const before = db.select().from(users).all()
  const { text } = await send('invite', { role: 'member', ...given })
  expect(text).toContain(message)
  expect(text).toContain(`value="${given.email}"`)
  expect(db.select().from(users).all()).toEqual(before)
})

it('an invitation is withdrawn, but no account that somebody has used', async () => {
  const { send, db, clock, member } = await signedInAdmin()
  await send('invite', { email: 'bo@example.org', role: 'member' })
  const { text } = await send('withdraw', { id: findUserByEmail(db, 'bo@example.org')?.id ?? '' })
  expect(text).toContain('The invitation is withdrawn.')
  expect(findUserByEmail(db, 'bo@example.org')).toBeUndefined()
  db.update(users).set({ signedInAt: clock() }).run()
  const refused = await send('withdraw', { id: member.id })
  expect(refused.text).toContain('has signed in already. Disable the account instead.')
})

it('name, address and role are changed', async () => {
  const { send, member, stored } = await signedInAdmin()
  const changes = { name: 'Moritz', email: 'mo@example.org', role: 'admin' }
  expect((await send('change', { id: member.id, ...changes })).text).toContain('Saved.')
  expect(stored(member)).toMatchObject(changes)
})

it('a change that can’t be is refused in the row, and nothing of it is kept', async () => {
  const { send, member, stored, db } = await signedInAdmin()
  await send('invite', { email: 'bo@example.org', role: 'member' })
  const before = stored(member)
  const { text } = await send('change', {
    id: member.id,
    name: 'Moritz',
    email: 'bo@example.org',
    role: 'member',
  })
  expect(text).toContain('Somebody with this e-mail address is here already')
  expect(text).toContain('value="Moritz"')
  expect(stored(member)).toEqual(before)
  expect(findUserByEmail(db, 'bo@example.org')).toBeDefined()
})

it('the last administrator stays one, and stays', async () => {
  const { send, admin, stored } = await signedInAdmin()
  const before = stored(admin)
  expect((await send('change', { id: admin.id, name: 'Ada', role: 'member' })).text).toContain(LAST)
  expect((await send('disable', { id: admin.id })).text).toContain(LAST)
  expect(stored(admin)).toEqual(before)
})

it('an account is disabled after a question, which alone changes nothing, and enabled again', async () => {
  const { send, member, admin, signedIn, stored } = await signedInAdmin()
  const mo = signedIn(member)
  const question = await signedIn(admin).get(`${PAGE}?disable=${member.id}`)
  // Nobody disables who was only invited.
  expect(question.text).toContain('API tokens are revoked for good')
  expect((await mo.query('account.me')).status).toBe(200)
  expect((await send('disable', { id: member.id })).text).toContain('The account is disabled.')
  expect((await mo.query('account.me')).status).toBe(401)
  expect((await send('enable', { id: member.id })).text).toContain('The account is open again.')
  expect(stored(member)?.disabledAt).toBeNull()
  expect((await mo.query('account.me')).status).toBe(401)
})

it('members neither see the pages of administrators nor change anything there', async () => {
  const { member, signedIn, db, stored } = await signedInAdmin()
  const before = db.select().from(users).all()
  const mo = signedIn(member)
  for (const path of [PAGE, `${PAGE}.data`, '/admin/audit', '/admin/failed-launches'])
    expect([path, (await mo.get(path)).text.includes('Ada')]).toEqual([path, false])
  for (const path of [PAGE, '/admin/audit']) expect((await mo.get(path)).status).toBe(403)
  await mo.submit(PAGE, { intent: 'change', id: member.id, name: 'Mo', role: 'admin' })
  expect(stored(member)?.role).toBe('member')
  expect(db.select().from(users).all()).toEqual(before)
})

it('many users are read page by page, found by a part of name or address, and come back to their page', async () => {
  const { db, clock, signedIn, admin } = await signedInAdmin()
  for (let at = 10; at < 70; at++)
    createUser(db, { name: `User - ${at}`, role: 'member', email: `u${at}@example.org` }, clock)
  const boss = signedIn(admin)
  const list = async (input: object) =>
    dataOf<{ users: { name: string }[]; total: number; older: string | null; newer: string | null }>(
      await boss.query('admin.users.list', input),
    )
  const first = await list({})
  const second = await list({ before: first.older })
  expect([first.users.length, second.users.length, first.total, first.newer, second.older]).toEqual([
    50,
    12,
    62,
    null,
    null,
  ])
  expect(second.users[0]?.name).toBe('User - 58')
  expect((await list({ after: second.newer })).users).toEqual(first.users)
  expect((await list({ search: 'U33@' })).users).toMatchObject([{ name: 'User - 33' }])
  expect((await list({ search: '%' })).total).toBe(0)
  const page = `${PAGE}?${new URLSearchParams({ before: first.older ?? '' })}`
  const { text } = await boss.submit(page, { intent: 'change', id: admin.id, name: 'Ada', role: 'member' })
  expect(text).toContain('User - 69')
  const { id } = findUserByEmail(db, 'u69@example.org') ?? {}
  const refused = await boss.submit(page, { intent: 'change', id: id ?? '', name: '', role: 'member' })
  expect(refused.text).toContain('User - 69')
  expect(refused.text).toContain('role="alert"')
  const wrong = await boss.get(`${PAGE}?before=%20`)
  expect([wrong.status, wrong.text]).toEqual([400, expect.stringContaining('Is no page of the list')])
})
