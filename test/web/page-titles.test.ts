import { join } from 'node:path'
import type { ServerBuild } from '@remix-run/node'
import { expect, it } from 'vitest'
import { createTerminalLink } from '~/db/sign-in-links'
import { bodyOf, onlyGrant } from './device-login'
import { modelSite } from './model-site'

/** They never stay in a browser: a frame, what leads on, and what is nobody's. */
const NO_PAGES = [
  'root',
  'routes/_user',
  'routes/$',
  'routes/_index',
  'routes/sign-in.with.$provider_.callback',
]

/** Of every page, with its address as the route has it. */
async function pagePatterns(): Promise<string[]> {
  const { routes }: ServerBuild = await import(join(process.cwd(), 'build/remix/server/index.js'))
  return Object.values(routes)
    .filter(
      (route) => route && 'default' in route.module && route.module.default && !NO_PAGES.includes(route.id),
    )
    .map((route) => `/${route?.path ?? ''}`)
    .sort()
}

it('every page says where one is by a title that no other page has, and has one heading of the first rank', async () => {
  const site = await modelSite()
  const { db, clock, admin, ada } = site
  await site.publish(ada)
  const machine = site.runMachine(admin, { name: 'Studio' })
  const request = await site.call(ada)
  const started = await site
    .visitor()
    .ask('/api/cli-auth/start', { method: 'POST', headers: { origin: undefined } })
  await ada.mutate('deviceGrants.lookUp', { userCode: bodyOf<{ user_code: string }>(started).user_code })
  const grant = onlyGrant(site)
  const EXAMPLES = new Map([
    ['/machines/:id', `/machines/${machine}`],
    ['/admin/machines/:id', `/admin/machines/${machine}`],
    ['/admin/users/:id', `/admin/users/${admin.id}`],
    ['/models/*', '/models/ada/cats'],
    ['/models/edit', '/models/edit?id=ada/cats'],
    ['/requests/:id', `/requests/${request}`],
    ['/cli-auth/:id', `/cli-auth/${grant.id}`],
    ['/sign-in/:token', `/sign-in/${createTerminalLink(db, clock)}`],
    ['/sign-in/with/:provider', '/sign-in/with/nobody'],
  ])
  const titles: string[] = []
  for (const pattern of await pagePatterns()) {
    const visitor = pattern.startsWith('/sign-in') ? site.visitor() : ada
    const { status, text } = await visitor.get(EXAMPLES.get(pattern) ?? pattern)
    expect([pattern, status]).toEqual([pattern, 200])
    expect([pattern, text.match(/<h1[\s>]/g)?.length]).toEqual([pattern, 1])
    const [, title = ''] = /<title>([^<]*)<\/title>/.exec(text) ?? []
    expect(title).toMatch(/^\S.* · Slipway$/)
    titles.push(title)
  }
  expect(titles.length).toBeGreaterThan(20)
  expect(titles.filter((title, at) => titles.indexOf(title) !== at)).toEqual([])
})

it('what is shown in place of a page says so in its title', async () => {
  const { ada } = await modelSite()
  expect((await ada.get('/nowhere')).text).toContain('<title>Not found · Slipway</title>')
})
