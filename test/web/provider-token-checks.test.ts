import { describe, expect, it, onTestFinished, test } from 'vitest'
import { awaitAnswer } from '~/app/trpc/await-answer'
import { listAuditEntries } from '~/db/audit'
import { modelChecks, providerTokens } from '~/db/schema'
import { startFakeCivitai } from '../fakes/civitai'
import { startFakeHub } from '../fakes/hub'
import { checkingWorker, heartbeat } from './checking-worker'
import { startSite } from './site'
import { type Answer, dataOf, refusalOf, type Visitor } from './visitor'

const TOKEN = 'hf_CANARYfirst0123456789'
const SECOND = 'hf_CANARYsecond0123456789'
const WRITE = 'hf_CANARYwrite0123456789'
const DEAD = 'hf_CANARYdead0123456789'
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

interface Holder {
  machineId: string
  name: string
  holds: string
}
interface Row {
  provider: string
  saved: boolean
  checksOn: boolean
  check: {
    state: string
    account: string | null
    message: string | null
    warnings: { code: string }[]
  } | null
  holders: Holder[]
}

/** A site whose jobs are done by the worker's own code, when there is a worker. */
async function siteWithIssuers({ worker = true, env = {} as Record<string, string> } = {}) {
  const hub = await startFakeHub({
    tokens: [TOKEN, SECOND, WRITE],
    accounts: { [WRITE]: { role: 'write' } },
    repos: {
      'open/model': { files: { 'x.bin': 'x' } },
      'gated/model': { files: { 'x.bin': 'x' }, gated: true, allowed: [TOKEN] },
    },
  })
  const civitai = await startFakeCivitai({ keys: ['CANARYkey'], versions: {} })
  onTestFinished(async () => {
    await Promise.all([hub.close(), civitai.close()])
  })
  const checking = checkingWorker()
  const site = await startSite({
    onJob: checking.onJob,
    env: {
      TOKEN_CHECKS: 'on',
      HF_ENDPOINT: hub.url,
      CIVITAI_ENDPOINT: civitai.url,
      DOWNLOAD_HOSTS: hub.storage.host,
      ...env,
    },
  })
  if (worker) checking.begin(site)
  const browser = site.signedIn(site.admin)
  const save = (token: string, more: object = {}) =>
    browser.mutate('providerTokens.save', { provider: 'huggingface', token, ...more })
  const row = async () =>
    dataOf<Row[]>(await browser.query('providerTokens.list')).find(
      ({ provider }) => provider === 'huggingface',
    ) as Row
  return { ...site, hub, civitai, browser, save, row, heartbeat: () => heartbeat(site) }
}

const check = (browser: Visitor) => browser.mutate('providerTokens.check', { provider: 'huggingface' })
const askFor = (browser: Visitor, model: string) =>
  browser.mutate('providerTokens.checkModel', { provider: 'huggingface', model })
const whole = ({ text, headers }: Answer) => text + JSON.stringify(headers)

describe('saving asks the issuer first', () => {
  it('and keeps what it said of a good token', async () => {
    const { save, row, browser } = await siteWithIssuers()
    expect(dataOf(await save(TOKEN))).toMatchObject({
      check: { state: 'valid', account: 'ada' },
      keeping: [],
    })
    expect(await row()).toMatchObject({
      saved: true,
      checksOn: true,
      check: { state: 'valid', account: 'ada' },
    })
    const page = await browser.get('/profile')
    for (const text of ['Valid', 'ada · read', 'Check now']) expect(page.text).toContain(text)
  })

  it('and shows warnings with the cure', async () => {
    const { save, row, browser } = await siteWithIssuers()
    await save(WRITE)
    expect((await row()).check).toMatchObject({ state: 'valid', warnings: [{ code: 'write_token' }] })
    const page = await browser.get('/profile')
    for (const text of ['Valid, with warnings', 'one of the type Read', 'Your Hugging Face tokens'])
      expect(page.text).toContain(text)
  })

  it('and a token that the issuer refuses is saved only with “save anyway”', async () => {
    const { save, row, browser } = await siteWithIssuers()
    const refused = await save(DEAD)
    expect(refused.status).toBe(400)
    expect(refusalOf(refused)).toMatchObject({
      message: expect.stringMatching(/refuses this token.*save it anyway/),
      data: { field: 'token', mayInsist: true },
    })
    expect((await row()).saved).toBe(false)
    const form = { provider: 'huggingface', token: DEAD }
    const page = await browser.submit('/profile', { ...form, intent: 'save' })
    expect(page.text).toContain('Save anyway')
    expect(page.text).not.toContain(DEAD.slice(0, 9))
    expect((await row()).saved).toBe(false)
    expect((await browser.submit('/profile', { ...form, intent: 'save-anyway' })).headers.location).toBe(
      '/profile',
    )
    expect(await row()).toMatchObject({ saved: true, check: { state: 'refused' } })
    expect((await browser.get('/profile')).text).toContain('Refused')
  })

  it('and what isn’t formed like a token can’t be insisted on', async () => {
    const { save, hub, browser } = await siteWithIssuers()
    const refused = await save('no-prefix', { anyway: true })
    expect([refused.status, refusalOf(refused).data]).toEqual([
      400,
      { code: 'BAD_REQUEST', httpStatus: 400, field: 'token' },
    ])
    const page = await browser.submit('/profile', {
      provider: 'huggingface',
      token: 'no-prefix',
      intent: 'save',
    })
    expect(page.text).not.toContain('Save anyway')
    expect(hub.requests).toEqual([])
  })

  it('fault 97: and whatever else it answers, the token is saved and not called refused', async () => {
    const { save, row, hub, browser } = await siteWithIssuers()
    hub.misbehaveApi({ status: 429, headers: { 'Retry-After': '600' } })
    expect((await save(TOKEN)).status).toBe(200)
    expect(await row()).toMatchObject({ saved: true, check: { state: 'not_checked' } })
    expect((await browser.get('/profile')).text).toContain('Hugging Face has been asked too often.')
    expect(hub.requests).toHaveLength(1)
  })

  it('unless checks are off, which the row says', async () => {
    const { save, row, hub, browser } = await siteWithIssuers({ env: { TOKEN_CHECKS: 'off' } })
    expect((await save(DEAD)).status).toBe(200)
    expect(await row()).toMatchObject({ saved: true, checksOn: false, check: null })
    const page = await browser.get('/profile')
    expect(page.text).toContain('Checks are off on this server.')
    expect(page.text).not.toContain('Check now')
    for (const answer of [await check(browser), await askFor(browser, 'open/model')])
      expect(dataOf<{ message: string }>(answer).message).toMatch(/Checks are off/)
    expect(hub.requests).toEqual([])
  })
})

describe('an issuer that wants to be left alone', () => {
  /** Asked at the full hour, it wants ten minutes; a second more is there to be sure. */
  async function toldToWait() {
    const site = await siteWithIssuers()
    site.clock.advance(HOUR_MS - (site.clock() % HOUR_MS))
    const until = `${new Date(site.clock() + 11 * MINUTE_MS).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    site.hub.misbehaveApi({ status: 429, headers: { 'Retry-After': '600' } })
    await site.save(TOKEN)
    site.hub.misbehaveApi(undefined)
    expect(site.hub.requests).toHaveLength(1)
    return { ...site, until }
  }

  it('is, whatever is asked; every answer and the row say until when, to the minute after', async () => {
    const { hub, browser, row, clock, jobs, until, heartbeat } = await toldToWait()
    for (const answer of [await check(browser), await askFor(browser, 'gated/model')])
      expect(dataOf<{ message: string }>(answer).message).toBe(
        `Hugging Face wants to be left alone until ${until}.`,
      )
    const says = `Hugging Face has been asked too often. It may be asked again after ${until}.`
    expect((await row()).check?.message).toBe(says)
    expect((await browser.get('/profile')).text).toContain(says)
    expect([hub.requests.length, jobs]).toEqual([1, []])

    clock.advance(10 * MINUTE_MS + 1000)
    heartbeat()
    expect((await row()).check?.message).toBe('Hugging Face has been asked too often.')
    expect(dataOf(await check(browser))).toMatchObject({ check: { state: 'valid' } })
    expect(dataOf(await askFor(browser, 'gated/model'))).toMatchObject({ state: 'opens' })
  })

  it('is not asked about the same token when it is saved again, but about another one', async () => {
    const { hub, save, row, clock, until } = await toldToWait()
    clock.advance(MINUTE_MS)
    expect((await save(` ${TOKEN}\n`)).status).toBe(200)
    expect(hub.requests).toHaveLength(1)
    expect((await row()).check).toMatchObject({
      state: 'not_checked',
      message: expect.stringContaining(until),
    })
    await save(SECOND)
    expect(hub.requests).toHaveLength(2)
    expect((await row()).check).toMatchObject({ state: 'valid' })
  })
})

describe('fault 101: the audit log says who', () => {
  const entriesOf = ({ db }: Awaited<ReturnType<typeof siteWithIssuers>>) =>
    listAuditEntries(db, {}, { limit: 100 }).filter(({ action }) => action.endsWith('_check_requested'))

  it('asked for a check, and about which model', async () => {
    const site = await siteWithIssuers()
    await site.save(TOKEN)
    site.clock.advance(1000)
    await check(site.browser)
    const made = await site.browser.mutate('apiTokens.create', { name: 'CI', scopes: ['write'] })
    const program = site.visitor(undefined, `Bearer ${dataOf<{ token: string }>(made).token}`)
    await askFor(program, `https://ada:${SECOND}@huggingface.co/open/model/blob/main/x.bin?token=${SECOND}`)
    const me = { actorId: site.admin.id, subjectId: site.admin.id, address: '127.0.0.1' }
    expect(entriesOf(site)).toMatchObject([
      {
        ...me,
        action: 'model_check_requested',
        actorName: 'Ada (CI)',
        target: 'Hugging Face',
        detail: 'open/model/x.bin',
      },
      { ...me, action: 'provider_token_check_requested', actorName: 'Ada', target: 'Hugging Face' },
    ])
    expect(JSON.stringify(listAuditEntries(site.db, {}, { limit: 100 }))).not.toContain('CANARY')
  })

  it('and nothing where nobody is asked', async () => {
    const off = await siteWithIssuers({ env: { TOKEN_CHECKS: 'off' } })
    const waiting = await siteWithIssuers()
    waiting.hub.misbehaveApi({ status: 429, headers: { 'Retry-After': '600' } })
    for (const site of [off, waiting]) {
      await check(site.browser)
      await site.save(TOKEN)
      await check(site.browser)
      await askFor(site.browser, 'open/model')
      await askFor(site.browser, 'https://evil.example/a/b')
      expect(entriesOf(site)).toEqual([])
    }
  })
})

describe('checking on demand', () => {
  it('has a worker ask, and answers what it found', async () => {
    const { save, row, clock, hub, jobs, browser, admin, db } = await siteWithIssuers()
    await save(TOKEN)
    clock.advance(1000)
    hub.misbehaveApi({ status: 401 })
    expect(dataOf(await check(browser))).toMatchObject({ check: { state: 'refused' }, message: null })
    expect(jobs).toEqual([{ job: 'check-token', userId: admin.id, provider: 'huggingface' }])
    expect((await row()).check).toMatchObject({ state: 'refused' })
    hub.misbehaveApi(undefined)
    clock.advance(1000)
    const form = { provider: 'huggingface', intent: 'check' }
    expect((await browser.submit('/profile', form)).headers.location).toBe('/profile')
    expect((await row()).check).toMatchObject({ state: 'valid' })
    expect(db.select().from(providerTokens).get()?.checkDueAt).toBeGreaterThan(clock() + DAY_MS / 2)
  })

  it('says so when nothing is saved, or when no worker runs, and doesn’t wait', async () => {
    const { save, browser, jobs } = await siteWithIssuers({ worker: false })
    expect([(await check(browser)).status, refusalOf(await check(browser)).message]).toEqual([
      409,
      'No Hugging Face token is saved, so there is nothing to check. Save one first.',
    ])
    await save(TOKEN)
    for (const answer of [await check(browser), await askFor(browser, 'open/model')])
      expect(dataOf<{ message: string }>(answer).message).toMatch(/^No worker is running/)
    expect(jobs.map(({ job }) => job)).toEqual(['check-token'])
    const page = await browser.submit('/profile', { provider: 'huggingface', intent: 'check' })
    expect(page.text).toContain('No worker is running on this server')
  })

  it('stops waiting when the limit is over or the caller has left, and takes an answer that came last', async () => {
    const left = new AbortController()
    left.abort()
    expect(await awaitAnswer(() => undefined, { limitMs: 1, signal: undefined })).toBeUndefined()
    expect(await awaitAnswer(() => undefined, { signal: left.signal })).toBeUndefined()
    const answers = [undefined, 'late']
    expect(await awaitAnswer(() => answers.shift(), { limitMs: 1, signal: undefined })).toBe('late')
  })

  it('is limited', async () => {
    const { browser, save } = await siteWithIssuers({ worker: false })
    await save(TOKEN)
    let last = await check(browser)
    for (let n = 0; n < 40 && last.status === 200; n++) last = await check(browser)
    expect(last.status).toBe(429)
  })
})

describe('whether the saved token opens a model', () => {
  it('is answered before any machine starts', async () => {
    const { save, browser } = await siteWithIssuers()
    await save(TOKEN)
    expect(dataOf(await askFor(browser, 'gated/model'))).toEqual({
      about: 'gated/model',
      state: 'opens',
      name: 'gated/model',
      sizeBytes: null,
      withoutToken: false,
    })
    const page = await browser.submit('/profile', {
      provider: 'huggingface',
      intent: 'check-model',
      model: 'gated/model',
    })
    for (const text of ['gated/model opens', 'needs your token']) expect(page.text).toContain(text)
  })

  it('and if not, why not, with a link to the cure', async () => {
    const { save, browser, hub } = await siteWithIssuers()
    const form = {
      provider: 'huggingface',
      intent: 'check-model',
      model: `${hub.url}/gated/model/blob/main/x.bin`,
    }
    expect((await browser.submit('/profile', form)).text).toContain('none is saved')
    await save(SECOND)
    const page = await browser.submit('/profile', form)
    for (const text of [
      'gated/model/x.bin does not open',
      'accept its terms',
      `href="${hub.url}/gated/model"`,
    ])
      expect(page.text).toContain(text)
  })

  it('an address that can’t be used is refused at its field', async () => {
    const { browser, jobs } = await siteWithIssuers()
    const answer = await askFor(browser, 'https://evil.example/a/b')
    expect([answer.status, refusalOf(answer).data.field]).toEqual([400, 'model'])
    const form = { provider: 'huggingface', intent: 'check-model', model: 'x' }
    expect((await browser.submit('/profile', form)).text).toContain('Paste owner/name')
    expect(jobs).toEqual([])
  })

  it('a token in what was pasted is neither stored nor repeated', async () => {
    const { browser, db, jobs, hub } = await siteWithIssuers()
    const pasted = [
      TOKEN,
      `owner/${TOKEN}`,
      `https://huggingface.co/${TOKEN}/x`,
      `https://ada:${TOKEN}@huggingface.co/open/model?token=${TOKEN}#${TOKEN}`,
    ]
    for (const model of pasted) {
      expect(whole(await askFor(browser, model))).not.toContain(TOKEN.slice(3))
      const form = { provider: 'huggingface', intent: 'check-model', model }
      expect(whole(await browser.submit('/profile', form))).not.toContain(TOKEN.slice(3))
    }
    const kept = [db.select().from(modelChecks).all(), jobs, hub.requests]
    expect(kept.map((each) => each.length)).not.toContain(0)
    expect(JSON.stringify(kept)).not.toContain(TOKEN.slice(3))
  })
})

describe('who still holds it', () => {
  const holding = (row: Row) => row.holders.map(({ name, holds }) => `${name}: ${holds}`)

  it('is told for each running machine, before and after the token changes', async () => {
    const { save, row, runMachine, failMachine, admin, member, browser, clock } = await siteWithIssuers()
    runMachine(admin, { name: 'Before' })
    await save(TOKEN)
    clock.advance(1)
    const first = runMachine(admin, { name: 'First' })
    failMachine(admin, { name: 'Failed' })
    runMachine(member, { name: 'Not mine' })
    expect(holding(await row())).toEqual(['Before: none', 'First: present'])
    const { keeping } = dataOf<{ keeping: object[] }>(await save(SECOND))
    expect(keeping).toEqual([{ machineId: first, name: 'First' }])
    clock.advance(1)
    runMachine(admin, { name: 'Second' })
    expect(holding(await row())).toEqual(['Before: none', 'First: older', 'Second: present'])
    const page = await browser.get('/profile')
    for (const text of ['Has an older token', 'Has this token', 'Launched without a token', 'Relaunch all 2'])
      expect(page.text.replaceAll('<!-- -->', '')).toContain(text)
    const cleared = dataOf<{ keeping: { name: string }[] }>(
      await browser.mutate('providerTokens.clear', { provider: 'huggingface' }),
    )
    expect(cleared.keeping.map(({ name }) => name)).toEqual(['First', 'Second'])
    expect((await browser.get('/profile')).text).toContain('Has the cleared token')
  })

  it('the same value again is the token that they hold', async () => {
    const { save, runMachine, admin } = await siteWithIssuers()
    await save(TOKEN)
    runMachine(admin)
    expect(dataOf(await save(` ${TOKEN}\n`))).toMatchObject({ keeping: [] })
  })

  test.each([
    ['saved', SECOND, ['Before', 'First']],
    ['cleared', undefined, ['First']],
  ] as const)(
    'relaunching all takes those that hold another than what is %s',
    async (_name, next, expected) => {
      const { save, runMachine, admin, browser, jobs, db, clock } = await siteWithIssuers()
      const ids = new Map([[runMachine(admin, { name: 'Before' }), 'Before']])
      clock.advance(1)
      await save(TOKEN)
      ids.set(runMachine(admin, { name: 'First' }), 'First')
      if (next) {
        await save(next)
        ids.set(runMachine(admin, { name: 'Second' }), 'Second')
      } else await browser.mutate('providerTokens.clear', { provider: 'huggingface' })
      const answer = await browser.mutate('providerTokens.relaunchHolders', { provider: 'huggingface' })
      const { machines } = dataOf<{ machines: { replaces: string }[] }>(answer)
      expect(machines.map(({ replaces }) => ids.get(replaces))).toEqual(expected)
      expect(jobs.filter(({ job }) => job === 'stop')).toHaveLength(expected.length)
      expect(db.$client.prepare("select count(*) n from machines where status = 'queued'").get()).toEqual({
        n: expected.length,
      })
    },
  )

  it('a member who may not launch is not offered a relaunch, and doesn’t get one', async () => {
    const { runMachine, member, signedIn, db } = await siteWithIssuers()
    const browser = signedIn(member)
    runMachine(member)
    await browser.mutate('providerTokens.save', { provider: 'huggingface', token: TOKEN })
    const page = await browser.get('/profile')
    expect(page.text).toContain('Launched without a token')
    expect(page.text).not.toContain('value="relaunch')
    const answer = await browser.mutate('providerTokens.relaunchHolders', { provider: 'huggingface' })
    expect(answer.status).toBe(403)
    expect(db.$client.prepare("select count(*) n from machines where status = 'queued'").get()).toEqual({
      n: 0,
    })
  })

  it('a session on its way is told as such until it holds a token, and is not relaunched once more', async () => {
    const { save, row, browser } = await siteWithIssuers()
    await save(TOKEN)
    await browser.mutate('machines.launch', { name: 'Soon' })
    expect(holding(await row())).toEqual(['Soon: soon'])
    const answer = await browser.mutate('providerTokens.relaunchHolders', { provider: 'huggingface' })
    expect(dataOf(answer)).toEqual({ machines: [] })
    const page = await browser.get('/profile')
    expect(page.text).toContain('Being launched')
    expect(page.text).not.toContain('?relaunch=')
  })

  it('the page offers a relaunch, asks, and does it', async () => {
    const { save, runMachine, admin, browser, jobs } = await siteWithIssuers()
    const id = runMachine(admin)
    await save(TOKEN)
    const asking = `/profile?relaunch=huggingface&machine=${id}`
    expect((await browser.get('/profile')).text).toContain(asking.replace('&', '&amp;'))
    const question = (await browser.get(asking)).text
    expect(question).toContain('What it is working on ends.')
    expect(question).toContain('value="relaunch"')
    expect((await browser.get(`${asking}x`)).text).not.toContain('value="relaunch"')
    const form = { provider: 'huggingface', intent: 'relaunch', id }
    expect((await browser.submit('/profile', form)).text).toContain('being relaunched')
    expect(jobs).toEqual([{ job: 'stop', machineId: id, attempt: 1 }])
  })
})

it('what the issuer writes is shown as text', async () => {
  const { save, hub, browser } = await siteWithIssuers()
  const name = '<img src=x onerror=alert(1)>'
  hub.misbehaveApi({
    status: 200,
    body: JSON.stringify({ name, auth: { accessToken: { role: '</script>' } } }),
  })
  await save(TOKEN)
  const page = await browser.get('/profile')
  expect(page.text).toContain('&lt;img src=x onerror=alert(1)&gt; · &lt;/script&gt;')
  expect(page.text).not.toContain('<img src=x')
})

it('faults 59 and 60: no answer, log line, job or row holds a token after all that', async () => {
  const { save, hub, browser, jobs, logged, db, clock } = await siteWithIssuers()
  const answers: Answer[] = []
  const faults = [
    undefined,
    { status: 401 },
    { status: 500, body: TOKEN },
    { status: 200, body: `"${TOKEN}"` },
  ] as const
  for (const fault of [...faults, 'broken-off', 'endless'] as const) {
    hub.misbehaveApi(fault)
    clock.advance(1000)
    answers.push(await save(TOKEN), await save(TOKEN, { anyway: true }))
    clock.advance(1000)
    answers.push(await check(browser), await askFor(browser, 'gated/model'), await browser.get('/profile'))
  }
  const everything = [...answers.map(whole), logged.join('\n'), JSON.stringify(jobs)]
  const rows = [db.select().from(providerTokens).all(), db.select().from(modelChecks).all()]
  for (const text of [...everything, JSON.stringify(rows)]) expect(text).not.toContain(TOKEN.slice(3))
})
