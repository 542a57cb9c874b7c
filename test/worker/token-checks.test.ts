import { eq } from 'drizzle-orm'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listAuditEntries } from '~/db/audit'
import {
  answerModelCheck,
  claimModelCheck,
  listOpenModelChecks,
  modelCheckResult,
  requestModelCheck,
} from '~/db/model-checks'
import { clearProviderToken, listProviderTokens, saveProviderToken } from '~/db/provider-tokens'
import { modelChecks, providerTokens } from '~/db/schema'
import { claimTokenCheck, recordTokenCheck, requestTokenCheck } from '~/db/token-checks'
import { createUser } from '~/db/users'
import { parseModelQuestion } from '~/providers/models/question'
import type { TokenCheck } from '~/providers/token-check'
import { issuerChecks } from '~/worker/checks'
import { startFakeHub } from '../fakes/hub'
import { testIssuers } from '../providers/issuers'
import { SOMEBODY } from '../support/actors'
import { PromptRuntime } from '../support/runtimes'
import { until } from '../support/until'
import { testDeps } from '../support/worker-deps'

const TOKEN = 'hf_CANARYchecked0123456789'
const FINE = 'hf_CANARYfinegrained01234'
const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
const VALID: TokenCheck = { state: 'valid', account: 'ada', role: 'read', expiresAt: null, warnings: [] }

async function system({ issuersOn = true } = {}) {
  const hub = await startFakeHub({
    tokens: [TOKEN, FINE],
    accounts: { [FINE]: { role: 'fineGrained' } },
    repos: { 'gated/model': { files: {}, gated: true, allowed: [TOKEN] } },
  })
  onTestFinished(hub.close)
  const issuers = issuersOn ? testIssuers({ huggingface: hub.url }) : undefined
  const held: (readonly string[])[] = []
  const made = testDeps(new PromptRuntime())
  const { db, clock, admin } = made
  const holdSecrets = (values: readonly string[]) => {
    held.push(values)
    return () => void held.splice(held.indexOf(values), 1)
  }
  const deps = { ...made.deps, issuers, holdSecrets }
  const shutdown = new AbortController()
  onTestFinished(() => shutdown.abort())
  const save = (token = TOKEN, userId = admin.id) =>
    saveProviderToken(deps, userId, 'huggingface', token, SOMEBODY)
  const row = () => db.select().from(providerTokens).where(eq(providerTokens.userId, admin.id)).get()
  const ref = { userId: admin.id, provider: 'huggingface' } as const
  /** The seconds until the issuer is asked again. */
  const dueIn = () => ((row()?.checkDueAt ?? 0) - clock()) / 1000
  const ask = (token = 'gated/model') =>
    requestModelCheck(
      db,
      admin.id,
      parseModelQuestion('huggingface', token, testIssuers({ huggingface: hub.url }).settings),
      clock,
    )
  return {
    ...made,
    deps,
    hub,
    held,
    shutdown,
    save,
    row,
    ref,
    dueIn,
    ask,
    checks: issuerChecks(deps, shutdown.signal),
  }
}

describe('the daily check', () => {
  it('asks about a token that was never checked, and then a day later', async () => {
    const { save, checks, hub, row, clock, dueIn } = await system()
    save()
    await checks.pass()
    expect(row()).toMatchObject({ check: { state: 'valid', account: 'ada' }, checkedAt: clock() })
    expect(dueIn()).toBeGreaterThanOrEqual((0.9 * DAY_MS) / 1000)
    await checks.pass()
    expect(hub.requests).toHaveLength(1)
    clock.advance(1.1 * DAY_MS)
    await checks.pass()
    expect(hub.requests).toHaveLength(2)
  })

  it('begins at most 20 a pass, and gets to all in the end', async () => {
    const { db, save, checks, hub, clock } = await system()
    for (let n = 0; n < 45; n++) save(TOKEN, createUser(db, { name: `User ${n}`, role: 'member' }, clock).id)
    for (const asked of [20, 40, 45, 45]) {
      await checks.pass()
      expect(hub.requests).toHaveLength(asked)
    }
  })

  it('two workers don’t both ask', async () => {
    const { deps, save, checks, hub, shutdown, ref } = await system()
    save()
    const other = issuerChecks(deps, shutdown.signal)
    await Promise.all([checks.pass(), other.pass(), checks.begin({ job: 'check-token', ...ref })])
    expect(hub.requests).toHaveLength(1)
  })

  it('comes back after a worker that died while asking', async () => {
    const { db, save, checks, ref, clock, row } = await system()
    save()
    expect(claimTokenCheck(db, ref, MINUTE_MS, clock)).toBeDefined()
    await checks.pass()
    expect(row()?.check).toBeNull()
    clock.advance(MINUTE_MS)
    await checks.pass()
    expect(row()?.check).toMatchObject({ state: 'valid' })
  })

  it('asks nothing where checks are off', async () => {
    const { save, checks, ask, hub, ref, row } = await system({ issuersOn: false })
    save()
    const id = ask()
    await checks.pass()
    await checks.begin({ job: 'check-token', ...ref })
    await checks.begin({ job: 'check-model', id })
    expect([hub.requests, row()?.check]).toEqual([[], null])
  })
})

describe('fault 97: an issuer that gives no answer', () => {
  it('is asked again after 15 minutes, then ever later, and what was known before stays known', async () => {
    const { save, checks, hub, row, clock, dueIn } = await system()
    save()
    await checks.pass()
    const checkedAt = clock()
    hub.misbehaveApi({ status: 503 })
    clock.advance(1.1 * DAY_MS)
    for (const [failures, minutes] of [15, 30, 60].entries()) {
      await checks.pass()
      expect(row()?.check).toMatchObject({
        state: 'not_checked',
        failures: failures + 1,
        lastAnswer: { check: { state: 'valid' }, checkedAt },
      })
      expect(dueIn()).toBeGreaterThanOrEqual(minutes * 60)
      expect(dueIn()).toBeLessThanOrEqual(minutes * 60 * 1.2 + 1)
      await checks.pass()
      expect(hub.requests).toHaveLength(failures + 2)
      clock.advance(minutes * MINUTE_MS * 1.2 + 1000)
    }
    hub.misbehaveApi(undefined)
    await checks.pass()
    expect(row()?.check).toEqual(expect.objectContaining({ state: 'valid' }))
  })

  it('is left alone for as long as it wants, also by people who ask for a check', async () => {
    const { db, save, checks, hub, clock, ref } = await system()
    save()
    hub.misbehaveApi({ status: 429, headers: { 'Retry-After': '7200' } })
    await checks.pass()
    clock.advance(7200_000)
    expect(requestTokenCheck(db, ref, clock)).toBe(clock() + 1000)
    await checks.begin({ job: 'check-token', ...ref })
    expect(hub.requests).toHaveLength(1)
    clock.advance(1000)
    expect(requestTokenCheck(db, ref, clock)).toBe(clock())
    await checks.begin({ job: 'check-token', ...ref })
    expect(hub.requests).toHaveLength(2)
  })
})

it('fault 101: the audit log says what came of each check', async () => {
  const { db, save, checks, hub, clock } = await system()
  save()
  for (const fault of [undefined, { status: 503 }, { status: 401 }]) {
    hub.misbehaveApi(fault)
    await checks.pass()
    clock.advance(1.1 * DAY_MS)
  }
  const entries = listAuditEntries(db, { action: 'provider_token_checked' }, { limit: 9 })
  expect(entries.map(({ actorName, detail }) => [actorName, detail])).toEqual([
    ['Worker', 'Its issuer says: refused'],
    ['Worker', 'No answer from its issuer'],
    ['Worker', 'Its issuer says: valid'],
  ])
})

describe('a result belongs to the token that it was found for', () => {
  it('and is thrown away when the token was replaced or cleared meanwhile', async () => {
    const { db, save, ref, row, clock } = await system()
    save()
    const claim = claimTokenCheck(db, ref, MINUTE_MS, clock)
    save(FINE)
    expect(claim && recordTokenCheck(db, claim, VALID, clock)).toBe(false)
    expect(row()).toMatchObject({ check: null, checkedAt: null, checkDueAt: 0 })
    clearProviderToken(db, ref.userId, ref.provider, SOMEBODY, clock)
    expect(claim && recordTokenCheck(db, claim, VALID, clock)).toBe(false)
    expect(row()).toBeUndefined()
  })

  it('a new value begins without the history of the old one', async () => {
    const { save, checks, row, ref, db, admin } = await system()
    save('hf_CANARYdead')
    await checks.pass()
    expect(row()?.check).toMatchObject({ state: 'refused' })
    save()
    expect(listProviderTokens(db, admin.id)).toMatchObject([{ provider: ref.provider, check: null }])
    await checks.pass()
    expect(row()?.check).toMatchObject({ state: 'valid' })
  })

  it('a value that the keys don’t open is not called refused', async () => {
    const { db, save, checks, row } = await system()
    save()
    db.update(providerTokens).set({ sealed: 'v1.damaged.x' }).run()
    await checks.pass()
    expect(row()?.check).toMatchObject({
      state: 'not_checked',
      message: expect.stringMatching(/Save it again/),
    })
  })
})

it('fault 59: what is opened for a check is kept out of the log for as long as it lasts', async () => {
  const { db, save, checks, hub, held, lines, ref } = await system()
  save()
  hub.misbehaveApi('silent')
  void checks.begin({ job: 'check-token', ...ref })
  await until('the hub was asked', () => hub.requests.length)
  expect(held.flat()).toEqual([TOKEN])
  const stored = JSON.stringify(db.select().from(providerTokens).all())
  expect(stored + lines.join()).not.toContain(TOKEN.slice(3))
})

it('a shutdown in the middle of a check writes nothing, and another worker asks later', async () => {
  const { save, checks, hub, shutdown, row, ref, held } = await system()
  save()
  hub.misbehaveApi('silent')
  void checks.begin({ job: 'check-token', ...ref })
  await until('the hub was asked', () => hub.requests.length)
  shutdown.abort()
  await checks.ended()
  expect(row()?.check).toBeNull()
  expect(held).toEqual([])
})

it('an issuer that keeps silent takes four turns, and no more', async () => {
  const { db, save, checks, hub, clock, shutdown } = await system()
  hub.misbehaveApi('silent')
  for (let n = 0; n < 6; n++) save(TOKEN, createUser(db, { name: `User ${n}`, role: 'member' }, clock).id)
  const passing = checks.pass()
  await until('they were asked', () => hub.requests.length >= 4)
  const begun = db
    .select()
    .from(providerTokens)
    .all()
    .filter(({ checkDueAt }) => checkDueAt > 0)
  expect(begun).toHaveLength(4)
  shutdown.abort()
  await passing
})

describe('a question about a model', () => {
  it('is answered with the user’s own token, and with what is known of it', async () => {
    const { db, save, checks, admin, ask } = await system()
    save()
    const opens = ask()
    await checks.begin({ job: 'check-model', id: opens })
    expect(modelCheckResult(db, admin.id, opens)).toMatchObject({ state: 'opens', withoutToken: false })
    save(FINE)
    await checks.pass()
    const lacks = ask()
    await checks.begin({ job: 'check-model', id: lacks })
    expect(modelCheckResult(db, admin.id, lacks)).toMatchObject({ code: 'token_lacks_gated_read' })
  })

  it('makes a token that it finds refused due for its own check', async () => {
    const { db, admin, save, checks, ask, row, hub } = await system()
    save()
    await checks.pass()
    hub.misbehaveApi({
      status: 401,
      headers: { 'X-Error-Message': 'Invalid credentials in Authorization header' },
    })
    const id = ask()
    await checks.begin({ job: 'check-model', id })
    expect(modelCheckResult(db, admin.id, id)).toMatchObject({
      code: 'token_refused',
      message: expect.stringMatching(/It is being checked again/),
    })
    await checks.pass()
    expect(row()?.check).toMatchObject({ state: 'refused' })
  })

  it('that fails for want of a box has the token checked again, since the box may be ticked by now', async () => {
    const { db, save, checks, ask, hub, admin, dueIn } = await system()
    save(FINE)
    await checks.pass()
    const checked = () => hub.requests.filter(({ url }) => url === '/api/whoami-v2').length
    const id = ask()
    await checks.begin({ job: 'check-model', id })
    expect(modelCheckResult(db, admin.id, id)).toMatchObject({
      code: 'token_lacks_gated_read',
      message: expect.stringMatching(/being checked again.*ask once more/),
    })
    expect([checked(), dueIn()]).toEqual([1, 0])
    await checks.pass()
    expect(checked()).toBe(2)
  })

  it('has the token checked again no earlier than its issuer wants, and then doesn’t say so', async () => {
    const { db, save, checks, ask, hub, admin, clock, dueIn } = await system()
    save(FINE)
    await checks.pass()
    hub.misbehaveApi({ status: 429, headers: { 'Retry-After': '7200' } })
    clock.advance(1.1 * DAY_MS)
    await checks.pass()
    hub.misbehaveApi(undefined)
    const id = ask()
    await checks.begin({ job: 'check-model', id })
    const answer = modelCheckResult(db, admin.id, id)
    expect(answer).toMatchObject({ code: 'token_lacks_gated_read' })
    expect(JSON.stringify(answer)).not.toContain('checked again')
    expect(dueIn()).toBeGreaterThanOrEqual(7200)
  })

  it('is taken up without a job while somebody waits, and not after that', async () => {
    const { db, checks, ask, admin, clock } = await system()
    const early = ask()
    await checks.pass()
    expect(modelCheckResult(db, admin.id, early)).toBeUndefined()
    clock.advance(3000)
    await checks.pass()
    expect(modelCheckResult(db, admin.id, early)).toMatchObject({ code: 'token_missing' })
    const late = ask()
    clock.advance(61_000)
    await checks.pass()
    expect(modelCheckResult(db, admin.id, late)).toBeUndefined()
  })

  it('is asked once, though its issuer is slow, a pass comes along and another worker does too', async () => {
    const { db, deps, save, checks, ask, clock, hub, shutdown, admin } = await system()
    save()
    await checks.pass()
    const before = hub.requests.length
    hub.misbehaveApi('silent')
    const id = ask()
    const asking = checks.begin({ job: 'check-model', id })
    await until('the hub was asked', () => hub.requests.length > before)
    clock.advance(5000)
    const other = issuerChecks(deps, shutdown.signal)
    await Promise.all([checks.pass(), other.pass(), other.begin({ job: 'check-model', id })])
    expect(hub.requests).toHaveLength(before + 1)
    const opened = { action: 'provider_token_opened' } as const
    expect(listAuditEntries(db, opened, { limit: 9 })).toHaveLength(1)
    shutdown.abort()
    await asking
    expect(modelCheckResult(db, admin.id, id)).toBeUndefined()
  })

  it('is taken up by another worker when the first one died while asking', async () => {
    const { db, checks, ask, admin, clock } = await system()
    const id = ask()
    expect(claimModelCheck(db, id, 20_000, clock)).toBeDefined()
    clock.advance(19_999)
    await checks.pass()
    expect(modelCheckResult(db, admin.id, id)).toBeUndefined()
    clock.advance(1)
    await checks.pass()
    expect(modelCheckResult(db, admin.id, id)).toMatchObject({ code: 'token_missing' })
  })

  it('keeps its first answer, shows it to its own user, and the newest 20 are kept', async () => {
    const { db, ask, admin, member, clock } = await system()
    const first = ask()
    const refused = { state: 'refused', code: 'archived', message: '', link: null } as const
    answerModelCheck(db, first, refused, clock)
    answerModelCheck(db, first, { ...refused, code: 'early_access' }, clock)
    expect(modelCheckResult(db, admin.id, first)).toEqual(refused)
    expect(modelCheckResult(db, member.id, first)).toBeUndefined()
    for (let n = 0; n < 20; n++) {
      clock.advance(1)
      ask()
    }
    expect(db.select().from(modelChecks).all()).toHaveLength(20)
    expect(modelCheckResult(db, admin.id, first)).toBeUndefined()
    expect(listOpenModelChecks(db, { from: 0, to: clock(), limit: 100 }, clock)).toHaveLength(20)
  })
})
