import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { sessions } from '~/db/schema'
import { createTerminalLink } from '~/db/sign-in-links'
import { startSite } from './site'
import { type Answer, cookieOf } from './visitor'

const DAY_MS = 24 * 60 * 60 * 1000
const isSignedIn = ({ status }: Answer) => status === 200

it('a session cookie is for this host and its server only', async () => {
  const { db, clock, visitor } = await startSite()
  const answer = await visitor().submit(`/sign-in/${createTerminalLink(db, clock)}`)
  expect(answer.headers['set-cookie']).toMatch(
    /^slipway_session=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/,
  )
})

it('over https the session cookie is secure and held to its host', async () => {
  const { db, clock, visitor } = await startSite({ env: { PUBLIC_URL: 'https://slipway.test' } })
  const answer = await visitor().submit(`/sign-in/${createTerminalLink(db, clock)}`)
  expect(answer.headers['set-cookie']).toMatch(
    /^__Host-slipway_session=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure$/,
  )
  expect(isSignedIn(await visitor(cookieOf(answer)).query('account.me'))).toBe(true)
})

it('a session is stored as a hash that does not sign in', async () => {
  const { db, dataDir, admin, signedIn, visitor } = await startSite()
  const { cookie = '' } = signedIn(admin)
  const secret = cookie.split('=')[1] as string
  for (const file of ['slipway.db', 'slipway.db-wal'])
    expect(readFileSync(join(dataDir, file), 'latin1')).not.toContain(secret)
  const [row] = db.select().from(sessions).all()
  for (const stored of [row?.secretHash, row?.id])
    expect(isSignedIn(await visitor(`slipway_session=${stored}`).query('account.me'))).toBe(false)
})

it('a session ends after 7 days without use, and use keeps it', async () => {
  const { clock, admin, signedIn } = await startSite()
  const browser = signedIn(admin)
  for (const days of [6.9, 6.9]) {
    clock.advance(days * DAY_MS)
    expect(isSignedIn(await browser.query('account.me'))).toBe(true)
  }
  clock.advance(7 * DAY_MS)
  expect(isSignedIn(await browser.query('account.me'))).toBe(false)
})

it('a session ends after 30 days, however much it is used', async () => {
  const { clock, admin, signedIn } = await startSite()
  const browser = signedIn(admin)
  for (let day = 1; day < 30; day++) {
    clock.advance(DAY_MS)
    expect(isSignedIn(await browser.query('account.me'))).toBe(true)
  }
  clock.advance(DAY_MS)
  expect(isSignedIn(await browser.query('account.me'))).toBe(false)
})

it('fault 65: signing out ends the session itself, not only the cookie', async () => {
  const { db, admin, signedIn } = await startSite()
  const browser = signedIn(admin)
  const other = signedIn(admin)
  const answer = await browser.submit('/sign-out')
  expect(answer.headers['set-cookie']).toMatch(/^slipway_session=; Path=\/; Max-Age=0; /)
  expect((await browser.query('account.me')).status).toBe(401)
  expect((await browser.get('/machines')).headers.location).toBe('/sign-in?next=%2Fmachines')
  expect(isSignedIn(await other.query('account.me'))).toBe(true)
  expect(db.select().from(sessions).all()).toHaveLength(1)
})

it('fault 65: signing in gives a new session, whatever cookie came along', async () => {
  const { db, clock, visitor } = await startSite()
  const planted = 'slipway_session=planted'
  const answer = await visitor(planted).submit(`/sign-in/${createTerminalLink(db, clock)}`)
  expect(cookieOf(answer)).not.toBe(planted)
  expect(isSignedIn(await visitor(planted).query('account.me'))).toBe(false)
})

it('a role that is taken away is gone with the next request', async () => {
  const { db, admin, signedIn } = await startSite()
  const browser = signedIn(admin)
  expect((await browser.query('admin.failedLaunches')).status).toBe(200)
  db.$client.prepare(`update users set role = 'member' where id = ?`).run(admin.id)
  expect((await browser.query('admin.failedLaunches')).status).toBe(403)
})
