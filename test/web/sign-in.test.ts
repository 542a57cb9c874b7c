import { expect, it } from 'vitest'
import { sessions, signInLinks } from '~/db/schema'
import { createTerminalLink } from '~/db/sign-in-links'
import { startSite } from './site'
import { cookieOf } from './visitor'

const HOUR_MS = 60 * 60 * 1000

it('looking at a sign-in link shows a button and changes nothing', async () => {
  const { db, clock, visitor } = await startSite()
  const link = `/sign-in/${createTerminalLink(db, clock)}`
  const before = db.select().from(signInLinks).all()
  const page = await visitor().get(link)
  expect(page.status).toBe(200)
  expect(page.text).toMatch(/<form method="post"[^>]*>.*<button[^>]*type="submit"/s)
  for (const target of [link, `${link}.data`]) {
    const head = await visitor().ask(target, { method: 'HEAD' })
    expect([head.status, head.text]).toEqual([200, ''])
    expect((await visitor().get(target)).headers['set-cookie']).toBeUndefined()
  }
  expect(db.select().from(signInLinks).all()).toEqual(before)
  expect(db.select().from(sessions).all()).toEqual([])
  expect((await visitor().submit(link)).status).toBe(302)
})

it('a sign-in link signs in the administrator once', async () => {
  const { db, clock, visitor, admin } = await startSite()
  const link = `/sign-in/${createTerminalLink(db, clock)}`
  const answer = await visitor().submit(link)
  expect([answer.status, answer.headers.location]).toEqual([302, '/machines'])
  expect((await visitor(cookieOf(answer)).get('/machines')).text).toContain(admin.name)

  const again = await visitor().submit(link)
  expect(again.headers['set-cookie']).toBeUndefined()
  expect(again.text).toContain('npm run sign-in-link')
  expect((await visitor().get(link)).text).toContain('This link no longer works')
  expect(db.select().from(sessions).all()).toHaveLength(1)
})

it('a sign-in link dies after an hour', async () => {
  const { db, clock, visitor } = await startSite()
  const link = `/sign-in/${createTerminalLink(db, clock)}`
  clock.advance(HOUR_MS - 1)
  expect((await visitor().get(link)).text).toContain('Sign in to Slipway')
  clock.advance(1)
  expect((await visitor().get(link)).text).toContain('This link no longer works')
  expect((await visitor().submit(link)).headers['set-cookie']).toBeUndefined()
  expect(db.select().from(sessions).all()).toEqual([])
})

it('a newer sign-in link kills the older one', async () => {
  const { db, clock, visitor } = await startSite()
  const older = `/sign-in/${createTerminalLink(db, clock)}`
  const newer = `/sign-in/${createTerminalLink(db, clock)}`
  expect((await visitor().submit(older)).headers['set-cookie']).toBeUndefined()
  expect((await visitor().submit(newer)).status).toBe(302)
})

it('20 uses of one sign-in link at once make one session', async () => {
  const { db, clock, visitor } = await startSite()
  const link = `/sign-in/${createTerminalLink(db, clock)}`
  const answers = await Promise.all(Array.from({ length: 20 }, () => visitor().submit(link)))
  expect(answers.filter(({ headers }) => headers['set-cookie'])).toHaveLength(1)
  expect(db.select().from(sessions).all()).toHaveLength(1)
})

it('a secret of another kind does not sign in', async () => {
  const { admin, signedIn, visitor } = await startSite()
  const secret = signedIn(admin).cookie?.split('=')[1]
  expect((await visitor().submit(`/sign-in/${secret}`)).headers['set-cookie']).toBeUndefined()
})

it('a sign-in link is never sent on as a referrer, nor kept by a cache', async () => {
  const { db, clock, visitor } = await startSite()
  const { headers } = await visitor().get(`/sign-in/${createTerminalLink(db, clock)}`)
  expect(headers['referrer-policy']).toBe('same-origin')
  expect(headers['cache-control']).toBe('no-store')
})
