import { expect, it, test } from 'vitest'
import { type Actor, AUDIT_ACTIONS, record } from '~/db/audit'
import type { User } from '~/db/users'
import { type Site, startSite } from './site'

const PAGE = '/profile/activity'
const actor = ({ id, name }: User, address: string): Actor => ({ kind: 'user', id, name, address })

/** Entries of one kind, each named, the oldest first. */
function write({ db, clock }: Site, by: Actor, targets: string[], subject?: User) {
  for (const target of targets) record(db, { action: 'api_token_created', by, subject, target }, clock)
}
/** In the order of the page. */
const shown = (text: string) => [...new Set([...text.matchAll(/\bN(\d+)\b/g)].map(([, n]) => Number(n)))]
const link = (text: string, name: string) =>
  new RegExp(`href="([^"]*)"[^>]*>${name}<`).exec(text)?.[1]?.replaceAll('&amp;', '&')

it('the page shows what the user did and what was done to the account, and nothing else', async () => {
  const site = await startSite()
  const { admin, member, signedIn } = site
  write(site, actor(admin, '192.0.2.66'), ['Ada’s own'])
  write(site, actor(member, '192.0.2.77'), ['Mo’s own'])
  write(site, actor(admin, '192.0.2.88'), ['Done to Mo'], member)
  const { text } = await signedIn(member).get(PAGE)
  for (const own of ['Mo’s own', '192.0.2.77', 'Done to Mo', 'Ada']) expect(text).toContain(own)
  for (const foreign of ['Ada’s own', '192.0.2.66']) expect(text).not.toContain(foreign)
  // Where an administrator sits is nobody else's business.
  expect(text).not.toContain('192.0.2.88')
})

it('pages lead to older entries and back, and none is left out or shown twice', async () => {
  const site = await startSite()
  const numbers = Array.from({ length: 120 }, (_, n) => n)
  write(
    site,
    actor(site.member, '192.0.2.1'),
    numbers.map((n) => `N${n}`),
  )
  const browser = site.signedIn(site.member)
  const first = (await browser.get(PAGE)).text
  const second = (await browser.get(String(link(first, 'Older')))).text
  const third = (await browser.get(String(link(second, 'Older')))).text
  expect([first, second, third].flatMap(shown)).toEqual(numbers.reverse())
  expect([link(first, 'Newer'), link(third, 'Older')]).toEqual([undefined, undefined])
  expect(shown((await browser.get(String(link(third, 'Newer')))).text)).toEqual(shown(second))
})

it('a filter lets its own kind through, and stays while paging', async () => {
  const site = await startSite()
  const by = actor(site.member, '192.0.2.1')
  write(
    site,
    by,
    Array.from({ length: 60 }, (_, n) => `N${n}`),
  )
  record(site.db, { action: 'sign_out', by, target: 'N99' }, site.clock)
  const browser = site.signedIn(site.member)
  const page = (await browser.get(`${PAGE}?action=api_token_created`)).text
  expect(shown(page)[0]).toBe(59)
  expect(link(page, 'Older')).toContain('action=api_token_created')
  expect(shown((await browser.get(`${PAGE}?action=sign_out`)).text)).toEqual([99])
  expect(shown((await browser.get(`${PAGE}?to=2001-01-01`)).text)).toEqual([])
})

test.each([
  ['action=zzz', 'Is none of the audit log; choose one of the list'],
  ['from=2026-99-99', 'Must be a day such as 2026-11-22'],
  ['from=2026-11-22&to=2026-11-21', 'Is before the first day; choose a later one'],
  ['before=x', 'Is no page of the log'],
])(
  'filters that can’t be, %s, are answered with the fault, the form, and what was asked',
  async (asked, fault) => {
    const { admin, signedIn } = await startSite()
    for (const path of [PAGE, '/admin/audit']) {
      const { status, text } = await signedIn(admin).get(`${path}?${asked}&to=2026-11-21`)
      expect([path, status]).toEqual([path, 400])
      expect(text).toContain(fault)
      expect(text).toContain('<form')
      expect(text).toContain('Show all')
      expect(text).toContain('value="2026-11-21"')
      expect(text).not.toContain('audit.csv')
    }
  },
)

it('the same day first and last is a day', async () => {
  const { member, signedIn } = await startSite()
  expect((await signedIn(member).get(`${PAGE}?from=2026-11-22&to=2026-11-22`)).status).toBe(200)
})

it('one’s own page offers what can stand there, and an administrator’s everything', async () => {
  const { admin, member, signedIn } = await startSite()
  const offered = async (user: User, path: string) => {
    const [choice = ''] =
      /<select[^>]*name="action".*?<\/select>/s.exec((await signedIn(user).get(path)).text) ?? []
    return [...choice.matchAll(/<option value="(\w+)"/g)].map(([, one]) => one)
  }
  const forOthers = ['keys_rotation_started', 'keys_rotation_finished', 'sign_in_link_made', 'user_deleted']
  const [own, log] = [await offered(member, PAGE), await offered(admin, '/admin/audit')]
  expect(log).toEqual(Object.keys(AUDIT_ACTIONS))
  expect(own).toEqual(log.filter((action) => !forOthers.includes(String(action))))
  expect(await offered(admin, PAGE)).toContain('user_deleted')
})

it('nobody reads another’s activity by asking for it', async () => {
  const site = await startSite()
  const { admin, member, signedIn } = site
  write(site, actor(admin, '192.0.2.66'), ['Ada’s own'])
  expect((await signedIn(member).get(`${PAGE}?userId=${admin.id}`)).text).not.toContain('Ada’s own')
  const asked = await signedIn(member).query('account.activity', { userId: admin.id })
  expect(asked.text).not.toContain('Ada’s own')
})
