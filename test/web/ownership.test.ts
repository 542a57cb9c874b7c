import { eq } from 'drizzle-orm'
import { describe, expect, it, test } from 'vitest'
import { createApiToken, findApiToken } from '~/db/api-tokens'
import { getMachine } from '~/db/machines'
import { saveProviderToken } from '~/db/provider-tokens'
import { sessions } from '~/db/schema'
import { SOMEBODY } from '../support/actors'
import { inputFor, PROCEDURES } from './procedures'
import { startSite } from './site'
import { dataOf, refusalOf } from './visitor'

const NO_MACHINE = 'a'.repeat(16)
const ALLOWED = { ALLOW_UNISOLATED: '1' }

/** Procedures that take the id of something that belongs to somebody. An administrator's are for everybody's. */
const BY_ID = PROCEDURES.filter(({ name }) => !name.startsWith('admin.')).filter(({ name }) =>
  JSON.stringify(inputFor(name, NO_MACHINE) ?? '').includes(NO_MACHINE),
)
const OF_MACHINES = BY_ID.filter(({ name }) => name.startsWith('machines.'))
const PAGES = [
  { method: 'GET', path: (id: string) => `/machines/${id}` },
  { method: 'GET', path: (id: string) => `/machines/${id}.data` },
  { method: 'GET', path: (id: string) => `/machines/${id}?log=filebrowser` },
  { method: 'GET', path: (id: string) => `/machines/${id}/logs/filebrowser.log` },
  { method: 'POST', path: (id: string) => `/machines/${id}`, form: { intent: 'stop' } },
  { method: 'POST', path: (id: string) => `/machines/${id}`, form: { intent: 'relaunch' } },
  { method: 'POST', path: (id: string) => `/machines/${id}`, form: { intent: 'extend' } },
  { method: 'POST', path: (id: string) => `/machines/${id}`, form: { intent: 'delete' } },
  { method: 'POST', path: (id: string) => `/machines/${id}/open/filebrowser`, form: {} },
  { method: 'POST', path: (id: string) => `/machines/${id}/open/comfyui`, form: {} },
] as const

async function twoUsers() {
  const site = await startSite({ env: ALLOWED })
  const { admin, member, signedIn, runMachine, failMachine } = site
  return {
    ...site,
    theirs: [runMachine(admin, { name: 'Not for Mo' }), failMachine(admin, { name: 'Not for Mo' })],
    mo: signedIn(member),
  }
}

it('the matrix holds every procedure that takes an id', () => {
  expect(BY_ID.map(({ name }) => name).sort()).toEqual([
    'account.endSession',
    'apiTokens.revoke',
    'cloudSaves.create',
    'cloudSaves.delete',
    'cloudSaves.get',
    'deviceGrants.get',
    'machines.delete',
    'machines.extend',
    'machines.get',
    'machines.logs',
    'machines.open',
    'machines.relaunch',
    'machines.stop',
    'machines.watch',
    'machines.watchLogs',
    'modelRequests.cancel',
    'modelRequests.get',
    'modelRequests.inputs',
    'modelRequests.watch',
  ])
})

describe('another user’s machine is answered like one that doesn’t exist', () => {
  test.each(OF_MACHINES)('$name', async ({ name, type }) => {
    const { theirs, mo, admin, db, jobs } = await twoUsers()
    const none = await mo.call(name, type, inputFor(name, NO_MACHINE))
    for (const id of theirs) {
      const before = getMachine(db, admin.id, id)
      const answer = await mo.call(name, type, inputFor(name, id))
      expect({ status: answer.status, text: answer.text }).toEqual({ status: none.status, text: none.text })
      if (type !== 'subscription') expect(answer.status).toBe(404)
      const { message, data } = refusalOf(answer)
      expect(message).toMatch(/^There is no such (machine|running service)\.$/)
      expect(data).toEqual({ code: 'NOT_FOUND', httpStatus: 404 })
      expect(answer.text).not.toContain('Not for Mo')
      expect(getMachine(db, admin.id, id)).toEqual(before)
    }
    expect(jobs).toEqual([])
  })

  test.each(PAGES)('$method $path $form', async ({ method, path, ...rest }) => {
    const { theirs, mo, admin, db, jobs } = await twoUsers()
    const ask = (id: string) =>
      method === 'GET' ? mo.get(path(id)) : mo.submit(path(id), 'form' in rest ? { ...rest.form } : {})
    const none = await ask(NO_MACHINE)
    for (const id of theirs) {
      const before = getMachine(db, admin.id, id)
      const answer = await ask(id)
      expect(answer.text).not.toContain('Not for Mo')
      const same = (text: string) =>
        text.replaceAll(id, NO_MACHINE).replace(/nonce="[^"]*"|nonce-[^']*|"nonce":"[^"]*"/g, '')
      expect({ status: answer.status, text: same(answer.text) }).toEqual({
        status: 404,
        text: same(none.text),
      })
      expect(getMachine(db, admin.id, id)).toEqual(before)
    }
    expect(jobs).toEqual([])
  })
})

test('fault 61: another user’s session and API token are answered like ones that don’t exist', async () => {
  const { admin, mo, signedIn, db, clock } = await twoUsers()
  const ada = signedIn(admin)
  const [session] = db.select().from(sessions).where(eq(sessions.userId, admin.id)).all()
  const given = { userId: admin.id, type: 'api', name: 'Ada’s', scopes: ['read'], expiresAt: null } as const
  const token = createApiToken(db, given, SOMEBODY, clock)
  for (const [procedure, id] of [
    ['account.endSession', session?.id ?? ''],
    ['apiTokens.revoke', token.id],
  ] as const) {
    const none = await mo.mutate(procedure, { id: NO_MACHINE })
    const answer = await mo.mutate(procedure, { id })
    expect([answer.status, answer.text]).toEqual([404, none.text])
  }
  expect((await ada.query('account.me')).status).toBe(200)
  expect(findApiToken(db, token.token, clock)).toBeDefined()
})

test.each(['stop', 'relaunch'])(
  'a scripted %s of another user’s machine is refused like one of none',
  async (intent) => {
    const { theirs, mo, admin, db, jobs } = await twoUsers()
    const none = await mo.submit(`/machines/${NO_MACHINE}.data`, { intent })
    expect(none.text).toContain('There is no such machine.')
    for (const id of theirs) {
      const before = getMachine(db, admin.id, id)
      const answer = await mo.submit(`/machines/${id}.data`, { intent })
      expect({ status: answer.status, text: answer.text }).toEqual({ status: none.status, text: none.text })
      expect(getMachine(db, admin.id, id)).toEqual(before)
    }
    expect(jobs).toEqual([])
  },
)

it('lists and failed launches hold nobody else’s machines', async () => {
  const { theirs, mo } = await twoUsers()
  for (const answer of [await mo.query('machines.list'), await mo.get('/machines')])
    for (const text of [...theirs, 'Not for Mo']) expect(answer.text).not.toContain(text)
})

it('the tokens of two users never meet', async () => {
  const site = await startSite({ env: ALLOWED })
  const { admin, member, signedIn, runMachine } = site
  const save = (user: typeof admin, token: string) =>
    saveProviderToken({ ...site.services }, user.id, 'huggingface', token, SOMEBODY)
  save(admin, 'hf_AdaCANARY')
  save(member, 'hf_MoeCANARY')
  runMachine(admin)
  runMachine(member)
  for (const [user, own, foreign] of [
    [admin, 'hf_Ada', 'hf_Moe'],
    [member, 'hf_Moe', 'hf_Ada'],
  ] as const) {
    const browser = signedIn(user)
    const [machine] = dataOf<{ id: string }[]>(await browser.query('machines.list'))
    const answers = [
      await browser.query('providerTokens.list'),
      await browser.query('machines.get', { id: machine?.id }),
      await browser.get('/profile'),
      await browser.get(`/machines/${machine?.id}`),
    ]
    for (const { text } of answers) {
      expect(text).toContain(own)
      expect(text).not.toContain(foreign)
    }
  }
  await signedIn(member).mutate('providerTokens.clear', { provider: 'huggingface' })
  expect((await signedIn(admin).query('providerTokens.list')).text).toContain('hf_Ada')
})

it('a session is its own user’s only', async () => {
  const { db, admin, member, signedIn } = await startSite()
  const browsers = [signedIn(admin), signedIn(member)] as const
  expect(dataOf<{ name: string }>(await browsers[0].query('account.me')).name).toBe(admin.name)
  expect(dataOf<{ name: string }>(await browsers[1].query('account.me')).name).toBe(member.name)
  await browsers[0].mutate('account.signOut')
  expect(
    db
      .select()
      .from(sessions)
      .all()
      .map(({ userId }) => userId),
  ).toEqual([member.id])
})
