import { describe, expect, it } from 'vitest'
import { type AuditAction, listAuditEntries, record } from '~/db/audit'
import { createTerminalLink } from '~/db/sign-in-links'
import { SOMEBODY } from '../support/actors'
import { type Site, startSite } from './site'
import { cookieOf, dataOf } from './visitor'

const entriesOf = ({ db }: Site, action: AuditAction) => listAuditEntries(db, { action }, { limit: 100 })

describe('fault 101: the audit log gets one entry, with who and from where, of', () => {
  it('signing in, and out', async () => {
    const site = await startSite()
    const link = `/sign-in/${createTerminalLink(site.db, site.clock)}`
    const answers = await Promise.all([1, 2, 3].map(() => site.visitor().submit(link)))
    const entered = answers.find(({ headers }) => headers['set-cookie'])
    if (!entered) throw new Error('Nobody came in.')
    const me = { actorKind: 'user', actorId: site.admin.id, actorName: 'Ada', address: '127.0.0.1' }
    expect(entriesOf(site, 'sign_in')).toMatchObject([{ ...me, detail: 'Link of the server’s terminal' }])
    await site.visitor(cookieOf(entered)).submit('/sign-out')
    expect(entriesOf(site, 'sign_out')).toMatchObject([me])
  })

  it('ending sessions', async () => {
    const site = await startSite()
    const [here] = [site.signedIn(site.member), site.signedIn(site.member), site.signedIn(site.member)]
    type Listed = { id: string; isThisOne: boolean }
    const others = dataOf<Listed[]>(await here.query('account.sessions')).filter(
      ({ isThisOne }) => !isThisOne,
    )
    await here.mutate('account.endSession', { id: others[0]?.id })
    await here.mutate('account.endOtherSessions')
    await here.mutate('account.endOtherSessions')
    expect(entriesOf(site, 'session_ended')).toMatchObject([
      { target: 'all 1 others', actorId: site.member.id },
      { target: 'of 192.0.2.1', actorId: site.member.id },
    ])
  })

  it('making and revoking an API token, which then acts under its own name', async () => {
    const site = await startSite()
    const mo = site.signedIn(site.member)
    const made = await mo.mutate('apiTokens.create', { name: 'CI', scopes: ['account:write'] })
    const { id, token } = dataOf<{ id: string; token: string }>(made)
    const program = site.visitor(undefined, `Bearer ${token}`)
    await program.mutate('account.update', { name: 'Moritz' })
    await program.mutate('apiTokens.revoke', { id })
    expect(entriesOf(site, 'api_token_created')).toMatchObject([
      {
        actorKind: 'user',
        actorName: 'Mo',
        target: 'CI',
        detail: expect.stringMatching(/^account:write; expires/),
      },
    ])
    expect(entriesOf(site, 'account_changed')).toMatchObject([
      { actorKind: 'api-token', actorName: 'Mo (CI)', subjectName: 'Mo', detail: 'Name: Moritz' },
    ])
    expect(entriesOf(site, 'api_token_revoked')).toMatchObject([{ actorName: 'Moritz (CI)', target: 'CI' }])
    expect(JSON.stringify(listAuditEntries(site.db, {}, { limit: 100 }))).not.toContain(token)
  })

  it('saving, replacing and clearing a provider token', async () => {
    const site = await startSite()
    const mo = site.signedIn(site.member)
    for (const token of ['hf_CANARYfirst', 'hf_CANARYsecond'])
      await mo.mutate('providerTokens.save', { provider: 'huggingface', token })
    for (let again = 0; again < 2; again++)
      await mo.mutate('providerTokens.clear', { provider: 'huggingface' })
    const entry = { actorId: site.member.id, target: 'Hugging Face', address: '127.0.0.1' }
    for (const action of [
      'provider_token_saved',
      'provider_token_replaced',
      'provider_token_cleared',
    ] as const)
      expect(entriesOf(site, action)).toMatchObject([entry])
    expect(JSON.stringify(listAuditEntries(site.db, {}, { limit: 100 }))).not.toMatch(/hf_|CANARY/)
  })

  it('launching, relaunching and stopping a machine, also by an API token', async () => {
    const site = await startSite({ env: { ALLOW_UNISOLATED: '1' } })
    const { visitor } = site.withApiToken(site.member, ['machines:write'])
    const launched = dataOf<{ id: string }>(await visitor.mutate('machines.launch', { name: 'Studio' }))
    const relaunched = dataOf<{ id: string }>(await visitor.mutate('machines.relaunch', { id: launched.id }))
    for (let again = 0; again < 2; again++) await visitor.mutate('machines.stop', { id: relaunched.id })
    const by = { actorKind: 'api-token', actorName: 'Mo (One)', subjectName: 'Mo', address: '127.0.0.1' }
    expect(entriesOf(site, 'machine_launched')).toMatchObject([{ ...by, target: `Studio (${launched.id})` }])
    expect(entriesOf(site, 'machine_relaunched')).toMatchObject([
      { ...by, target: `Studio (${launched.id})`, detail: `As ${relaunched.id}` },
    ])
    expect(entriesOf(site, 'machine_stopped')).toMatchObject([{ ...by, target: `Studio (${relaunched.id})` }])
  })

  it('what an administrator does to users and failed launches', async () => {
    const site = await startSite()
    const { admin, member, failMachine, signedIn } = site
    const boss = signedIn(admin)
    const invited = dataOf<{ id: string }>(
      await boss.mutate('admin.users.invite', { email: 'Eve@Example.org' }),
    )
    await boss.mutate('admin.users.change', { id: member.id, role: 'admin', email: 'mo@example.org' })
    await boss.mutate('admin.users.disable', { id: member.id })
    await boss.mutate('admin.users.disable', { id: member.id })
    await boss.mutate('admin.users.enable', { id: member.id })
    await boss.mutate('admin.users.withdraw', { id: invited.id })
    await boss.mutate('admin.retryLaunch', { id: failMachine(member, { name: 'Broken' }) })
    const by = { actorId: admin.id, actorName: 'Ada', address: '127.0.0.1' }
    const about = { ...by, subjectId: member.id, subjectName: 'Mo' }
    expect(entriesOf(site, 'user_invited')).toMatchObject([
      { ...by, subjectId: invited.id, target: 'eve@example.org', detail: 'Role: member' },
    ])
    expect(entriesOf(site, 'user_changed')).toMatchObject([
      { ...about, detail: 'E-mail: mo@example.org, Role: admin' },
    ])
    expect(entriesOf(site, 'user_disabled')).toMatchObject([about])
    expect(entriesOf(site, 'user_enabled')).toMatchObject([about])
    expect(entriesOf(site, 'user_deleted')).toMatchObject([{ ...by, target: 'eve@example.org' }])
    expect(entriesOf(site, 'launch_retried')).toMatchObject([
      { ...about, target: expect.stringMatching(/^Broken/), detail: 'Attempt 2' },
    ])
  })
})

it('fault 101: an entry outlives the user that it tells of', async () => {
  const site = await startSite()
  const boss = site.signedIn(site.admin)
  const { id } = dataOf<{ id: string }>(await boss.mutate('admin.users.invite', { email: 'eve@example.org' }))
  await boss.mutate('admin.users.withdraw', { id })
  expect(listAuditEntries(site.db, { userId: id }, { limit: 9 }).map(({ action }) => action)).toEqual([
    'user_deleted',
    'user_invited',
  ])
})

it('what is refused writes no entry', async () => {
  const site = await startSite()
  const boss = site.signedIn(site.admin)
  const before = listAuditEntries(site.db, {}, { limit: 9 })
  await boss.mutate('admin.users.disable', { id: site.admin.id })
  await boss.mutate('apiTokens.revoke', { id: 'none' })
  await site.signedIn(site.member).mutate('admin.users.disable', { id: site.admin.id })
  expect(listAuditEntries(site.db, {}, { limit: 9 })).toEqual(before)
})

describe('whoever asks for activity', () => {
  type Page = { entries: { id: number; label: string; target: string | null }[]; older: number | null }

  it('sees what they did and what was done to their account, and nothing else', async () => {
    const site = await startSite()
    const { admin, member, db, clock, signedIn } = site
    const by = { kind: 'user', id: admin.id, name: 'Ada', address: null } as const
    record(db, { action: 'user_changed', by, subject: member, target: 'of Mo' }, clock)
    record(db, { action: 'account_changed', by, target: 'of Ada' }, clock)
    record(db, { action: 'keys_rotation_started', by: SOMEBODY, target: 'of the operator' }, clock)
    const targets = async (user: typeof admin) =>
      dataOf<Page>(await signedIn(user).query('account.activity')).entries.map(({ target }) => target)
    expect(await targets(member)).toEqual(['of Mo'])
    expect(await targets(admin)).toEqual(['of Ada', 'of Mo'])
    const whole = dataOf<Page>(await signedIn(admin).query('admin.audit'))
    expect(whole.entries.map(({ target }) => target)).toEqual(['of the operator', 'of Ada', 'of Mo'])
  })

  it('gets it page by page, none twice and none left out, and filtered by action and day', async () => {
    const { db, clock, member, signedIn } = await startSite()
    const by = { kind: 'user', id: member.id, name: 'Mo', address: null } as const
    for (let count = 0; count < 120; count++) {
      record(db, { action: count % 2 ? 'sign_in' : 'sign_out', by, target: String(count) }, clock)
      clock.advance(60 * 60 * 1000)
    }
    const mo = signedIn(member)
    const all: string[] = []
    let before: number | undefined
    do {
      const page = dataOf<Page>(await mo.query('account.activity', { before }))
      all.push(...page.entries.map(({ target }) => target ?? ''))
      before = page.older ?? undefined
    } while (before)
    expect(all).toEqual(Array.from({ length: 120 }, (_, index) => String(119 - index)))
    const day = { action: 'sign_in', from: '2026-01-02', to: '2026-01-02' }
    const filtered = dataOf<Page>(await mo.query('account.activity', day))
    expect(filtered.entries.map(({ target }) => Number(target))).toEqual([
      47, 45, 43, 41, 39, 37, 35, 33, 31, 29, 27, 25,
    ])
    expect((await mo.query('account.activity', { action: 'nonsense' })).status).toBe(400)
    expect((await mo.query('account.activity', { from: 'yesterday' })).status).toBe(400)
  })
})
