import { describe, expect, it, test } from 'vitest'
import { inputFor, PROCEDURES } from './procedures'
import { startSite } from './site'
import { refusalOf } from './visitor'

const PUBLIC = [
  'account.beginOidc',
  'account.finishOidc',
  'account.lookAtLink',
  'account.requestLink',
  'account.signIn',
  'account.signInOptions',
  'account.signInWithCode',
]
const NO_MACHINE = 'a'.repeat(16)

describe('a procedure refuses whoever is signed out', () => {
  test.each(PROCEDURES.filter(({ name }) => !PUBLIC.includes(name)))('$name', async ({ name, type }) => {
    const { visitor } = await startSite()
    for (const cookie of [undefined, 'slipway_session=', 'slipway_session=guess', 'session=x']) {
      const answer = await visitor(cookie).call(name, type, inputFor(name, NO_MACHINE))
      const data = { code: 'UNAUTHORIZED', httpStatus: 401 }
      expect(refusalOf(answer)).toMatchObject({ message: 'Sign in first.', data })
      // A stream has begun by the time that it refuses.
      expect(answer.status).toBe(type === 'subscription' ? 200 : 401)
    }
  })
})

describe('an administrator’s procedure refuses a member', () => {
  const procedures = PROCEDURES.filter(({ name }) => name.startsWith('admin.'))
  test.each(procedures)('$name', async ({ name, type }) => {
    const { member, signedIn } = await startSite()
    const answer = await signedIn(member).call(name, type, inputFor(name, NO_MACHINE))
    expect([answer.status, refusalOf(answer).message]).toEqual([403, 'Only an administrator may do this.'])
  })
})

it('pages send whoever is signed out to the sign-in page', async () => {
  const { visitor } = await startSite()
  for (const path of ['/', '/machines', `/machines/${NO_MACHINE}`, '/profile', '/admin/failed-launches']) {
    const { status, headers, text } = await visitor().get(path)
    expect([path, status, headers.location, text]).toEqual([path, 302, '/sign-in', ''])
    const data = await visitor().get(`${path === '/' ? '/_root' : path}.data`)
    expect(data.text).toContain('/sign-in')
    expect(data.text).not.toContain('machines')
  }
})

it('an administrator’s page refuses a member, and isn’t offered', async () => {
  const { member, signedIn, failMachine, admin } = await startSite()
  const id = failMachine(admin, { detail: 'for administrators' })
  const page = await signedIn(member).get('/admin/failed-launches')
  expect(page.status).toBe(403)
  expect(page.text).toContain('Not allowed')
  for (const secret of [id, 'for administrators']) expect(page.text).not.toContain(secret)
  expect((await signedIn(member).get('/machines')).text).not.toContain('/admin/')
})

it('what changes something refuses to be asked with GET', async () => {
  const { admin, signedIn, jobs } = await startSite()
  const browser = signedIn(admin)
  for (const { name } of PROCEDURES.filter(({ type }) => type === 'mutation'))
    expect([name, (await browser.query(name, inputFor(name, NO_MACHINE))).status]).toEqual([name, 405])
  expect(jobs).toEqual([])
})

it('a fault that nobody foresaw tells its caller an id, and the log what happened', async () => {
  const { db, admin, signedIn, logged } = await startSite()
  const browser = signedIn(admin)
  db.$client.exec('drop table machine_events')
  const failing = await browser.mutate('machines.launch', {})
  expect(failing.status).toBe(500)
  const id = /under ([a-z2-7]{16})\.$/.exec(refusalOf(failing).message)?.[1]
  expect(failing.text).not.toMatch(/machine_events|stack|\.ts/)
  expect(logged.some((line) => line.includes(`"errorId":"${id}"`) && line.includes('machine_events'))).toBe(
    true,
  )
})
