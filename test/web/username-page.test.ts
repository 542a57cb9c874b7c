import { eq } from 'drizzle-orm'
import { expect, it, test } from 'vitest'
import { users } from '~/db/schema'
import { startSite } from './site'

const PAGE = '/profile/username'

async function signedInMember() {
  const site = await startSite()
  const { db, member, signedIn } = site
  const usernameOf = (id: string) => db.select().from(users).where(eq(users.id, id)).get()?.username
  return { ...site, browser: signedIn(member), usernameOf }
}

it('a username is chosen after it was asked about, once, and the profile shows it', async () => {
  const { browser, member, usernameOf } = await signedInMember()
  expect((await browser.get('/profile')).text).toContain(`href="${PAGE}"`)
  expect((await browser.get(PAGE)).text).not.toContain('Choose it for good')
  const asked = (await browser.get(`${PAGE}?name=+mo+`)).text
  expect(asked).toContain('Choose it for good')
  expect(asked).toContain('name="name" value="mo"')
  expect(usernameOf(member.id)).toBeNull()
  expect((await browser.submit(PAGE, { name: 'mo' })).headers.location).toBe('/profile')
  expect(usernameOf(member.id)).toBe('mo')
  const profile = (await browser.get('/profile')).text
  expect(profile).toContain('>mo<')
  expect(profile).not.toContain(`href="${PAGE}"`)
  expect((await browser.get(PAGE)).text).toContain('It can’t be changed')
  await browser.submit(PAGE, { name: 'moritz' })
  expect(usernameOf(member.id)).toBe('mo')
})

test.each(['', 'Mo', 'm o', '-mo', 'mo-', 'mo/one', 'a'.repeat(40), '<b>'])(
  '%j is no username: the rule stands beside the field, and nothing is chosen',
  async (name) => {
    const { browser, member, usernameOf } = await signedInMember()
    for (const { text } of [
      await browser.get(`${PAGE}?${new URLSearchParams({ name })}`),
      await browser.submit(PAGE, { name }),
    ]) {
      expect(text).toMatch(/role="alert"[^>]*>(A username m|M)ust be lower-case letters, digits and dashes/)
      expect(text).toContain('aria-invalid="true"')
      expect(text).not.toContain('Choose it for good')
      expect(text).not.toContain('<b>')
    }
    expect(usernameOf(member.id)).toBeNull()
  },
)

it('a name that somebody has is refused beside the field, and another one can be chosen', async () => {
  const { browser, admin, member, signedIn, usernameOf } = await signedInMember()
  await signedIn(admin).submit(PAGE, { name: 'mo' })
  const { text } = await browser.submit(PAGE, { name: 'mo' })
  expect(text).toMatch(/role="alert"[^>]*>The username mo is taken. Choose another\./)
  expect(text).toContain('value="mo"')
  expect(usernameOf(member.id)).toBeNull()
})
