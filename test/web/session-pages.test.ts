import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { sessions } from '~/db/schema'
import { startSite } from './site'

const PAGE = '/profile/sessions'

async function threeBrowsers() {
  const site = await startSite()
  const { db, member, signedIn } = site
  const browsers = [signedIn(member), signedIn(member), signedIn(member)] as const
  const ids = () =>
    db
      .select({ id: sessions.id })
      .from(sessions)
      .where(eq(sessions.userId, member.id))
      .all()
      .map(({ id }) => id)
  const signedInNow = () =>
    Promise.all(browsers.map(async (browser) => (await browser.query('account.me')).status === 200))
  return { ...site, browsers, ids, signedInNow }
}

it('one session is ended, and no other', async () => {
  const { browsers, ids, signedInNow } = await threeBrowsers()
  const [mine] = browsers
  const page = (await mine.get(PAGE)).text
  expect(page.match(/This browser/g)).toHaveLength(1)
  expect(page).toContain('Firefox on Linux')
  const id = ids().find((one) => page.includes(`?end=${one}`)) ?? ''
  expect((await mine.get(`${PAGE}?end=${id}`)).text).toMatch(/Sign out (<!-- -->)?Firefox on Linux/)
  expect(await signedInNow()).toEqual([true, true, true])
  expect((await mine.submit(PAGE, { id })).text).toContain('One session ended.')
  expect((await signedInNow()).filter(Boolean)).toHaveLength(2)
  expect((await signedInNow())[0]).toBe(true)
  expect(ids()).not.toContain(id)
})

it('all other sessions are ended, and the one that asks stays', async () => {
  const { browsers, signedInNow, admin, signedIn } = await threeBrowsers()
  const ada = signedIn(admin)
  expect((await browsers[1].submit(PAGE)).text).toContain('2 sessions ended.')
  expect(await signedInNow()).toEqual([false, true, false])
  expect((await ada.query('account.me')).status).toBe(200)
})

it('the page shows the user’s own sessions, and ends no other’s', async () => {
  const { ids, admin, signedIn, signedInNow } = await threeBrowsers()
  const ada = signedIn(admin)
  const page = (await ada.get(PAGE)).text
  for (const id of ids()) {
    expect(page).not.toContain(id)
    expect((await ada.submit(PAGE, { id })).status).toBe(404)
  }
  expect(await signedInNow()).toEqual([true, true, true])
})
