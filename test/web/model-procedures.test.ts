import { join } from 'node:path'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import { publishModel } from '~/db/model-publications'
import { openDb } from '~/db/open'
import { diskUsage, models } from '~/db/schema'
import { disableUser } from '~/db/users'
import type { ModelDefinition } from '~/workflows/definition'
import { SOMEBODY } from '../support/actors'
import { follow } from './events'
import { begin, end, modelSite, WORKFLOW } from './model-site'
import { type Answer, dataOf, refusalOf, type Visitor } from './visitor'

const idsFor = async (browser: Visitor, input: object = {}) =>
  dataOf<{ models: { id: string }[] }>(await browser.query('models.list', input)).models.map(({ id }) => id)
const said = (answer: Answer) => [answer.status, refusalOf(answer).message]
const NONE = [404, 'There is no such model.']

describe('a username', () => {
  it('is one’s own, chosen once', async () => {
    const { mo } = await modelSite()
    const choose = (username: string) => mo.mutate('account.chooseUsername', { username })
    expect((await choose('mo')).status).toBe(200)
    expect(said(await choose('max'))).toEqual([409, expect.stringMatching(/^Your username is mo\./)])
    expect(dataOf(await mo.query('account.me'))).toMatchObject({ username: 'mo' })
  })

  it('is nobody else’s, and not just any text', async () => {
    const { db, mo } = await modelSite()
    db.$client.prepare("update users set username = null where name = 'Mo'").run()
    const choose = async (username: string) => said(await mo.mutate('account.chooseUsername', { username }))
    expect(await choose('ada')).toEqual([409, 'The username ada is taken. Choose another.'])
    for (const odd of ['', 'Mo', '-mo', 'mo-', 'm_o', 'mo/x', '..', 'a'.repeat(40), 'mö'])
      expect(await choose(odd)).toEqual([400, expect.stringMatching(/^username: must be lower-case/)])
    const { status } = await mo.mutate('models.publish', {
      ...{ id: 'mo/x', workflow: WORKFLOW },
      definition: { title: 'X', outputs: [{ name: 'images', title: 'I', node: '9' }] },
    })
    expect(status).toBe(409)
  })
})

describe('publishing', () => {
  it('makes a model, then versions; the same again makes none', async () => {
    const { ada, publish } = await modelSite()
    expect(dataOf(await publish(ada))).toEqual({ id: 'ada/cats', version: 1 })
    expect(dataOf(await publish(ada))).toEqual({ id: 'ada/cats', version: 1 })
    expect(dataOf(await publish(ada, { definition: { title: 'Better' } }))).toMatchObject({ version: 2 })
    expect(dataOf(await ada.query('models.versions', { id: 'ada/cats' }))).toMatchObject([
      { version: 2, title: 'Better' },
      { version: 1, title: 'Cats' },
    ])
    expect(dataOf(await ada.query('models.get', { id: 'ada/cats' }))).toMatchObject({ title: 'Better' })
    await ada.mutate('models.change', { id: 'ada/cats', version: 1 })
    expect(dataOf(await ada.query('models.get', { id: 'ada/cats' }))).toMatchObject({ title: 'Cats' })
    const change = { id: 'ada/cats', version: 3 }
    expect(said(await ada.mutate('models.change', change))).toEqual([404, 'There is no such version.'])
    expect(dataOf(await publish(ada, { definition: { title: 'Third' } }))).toMatchObject({ version: 3 })
    const source = dataOf(await ada.query('models.source', { id: 'ada/cats', version: 1 }))
    expect(source).toMatchObject({ workflow: WORKFLOW, definition: { title: 'Cats' } })
  })

  it('is under one’s own name alone', async () => {
    const { mo, publish } = await modelSite()
    expect(said(await publish(mo))).toEqual([409, 'id: must begin with your own username, as mo/name'])
    expect(said(await publish(mo, { id: 'mo' }))).toEqual([400, expect.stringMatching(/^id: must be owner/)])
  })

  it('names everything that doesn’t fit', async () => {
    const { ada, publish } = await modelSite()
    const inputs = [
      { name: 'a', title: 'A', type: 'text', node: '99', field: 'x' },
      { name: 'b', title: 'B', type: 'text', node: '6', field: 'clip' },
    ]
    const answer = await publish(ada, { definition: { inputs } })
    expect([answer.status, refusalOf(answer).data]).toEqual([
      400,
      {
        ...{ code: 'BAD_REQUEST', httpStatus: 400, field: 'definition.inputs.0.node' },
        faults: [
          { field: 'definition.inputs.0.node', message: 'is no node of the workflow: 99' },
          { field: 'definition.inputs.1.field', message: expect.stringContaining('comes from another node') },
        ],
      },
    ])
    expect(await idsFor(ada)).toEqual([])
  })

  it('refuses a workflow that is nested without end', async () => {
    const { ada, logged } = await modelSite()
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    const definition = { title: 'X', outputs: [{ name: 'images', title: 'I', node: '1' }] }
    const body = `{"id":"ada/deep","definition":${JSON.stringify(definition)},"workflow":{"1":{"class_type":"A","inputs":{"x":${deep}}}}}`
    const headers = { 'content-type': 'application/json' }
    const { status, text } = await ada.ask('/trpc/models.publish', { method: 'POST', headers, body })
    expect([status, text]).toEqual([400, expect.stringContaining('nested')])
    expect(logged).toEqual([])
  })

  it('keeps a hundred versions, and older ones while a request runs them', async () => {
    const { publish, ada, call, db, admin, clock } = await modelSite()
    await publish(ada)
    await call(ada)
    const publication = { userId: admin.id, id: 'ada/cats', workflow: WORKFLOW }
    for (let n = 2; n <= 103; n++)
      publishModel(db, { ...publication, definition: { title: `${n}` } as ModelDefinition }, SOMEBODY, clock)
    const versions = dataOf<{ version: number }[]>(await ada.query('models.versions', { id: 'ada/cats' }))
    expect(versions.map(({ version }) => version).slice(-3)).toEqual([5, 4, 1])
    expect(versions).toHaveLength(101)
  })

  it('stops at two hundred models', async () => {
    const { publish, ada, db, admin } = await modelSite()
    for (let n = 0; n < 200; n++)
      db.insert(models)
        .values({
          ...{ id: `ada/m${n}`, userId: admin.id, visibility: 'private' as const, version: 1 },
          ...{ createdAt: 0, updatedAt: 0, withdrawnAt: 1 },
        })
        .run()
    expect(said(await publish(ada))).toEqual([429, expect.stringContaining('200 models')])
  })

  const CANARY = `hf_CANARY${'a1'.repeat(12)}`
  const from = (source: string) => ({
    definition: { sources: [{ name: 'x.safetensors', folder: 'models/loras', source }] },
  })
  const inNode = (inputs: object, more: object = {}) => ({
    workflow: { ...WORKFLOW, '50': { class_type: 'Load', inputs, ...more } },
  })
  test.each([
    ['definition.sources.0.source', from(`https://civitai.com/api/download/models/1?token=CANARY`)],
    ['definition.sources.0.source', from(`https://ada:CANARY@example.org/x.safetensors`)],
    ['definition.sources.0.source', from(`https://civitai.com/${'0123456789abcdef'.repeat(2)}/CANARY`)],
    ['definition.title', { definition: { title: CANARY } }],
    ['workflow.50.inputs.key', inNode({ key: `a\n${CANARY}` })],
    ['workflow.50.inputs.all', inNode({ all: [{ deep: `https://x.org/?api_key=CANARY` }] })],
    ['workflow.50', inNode({ [CANARY]: 1 })],
    ['workflow.50', inNode({}, { _meta: { title: CANARY } })],
    ['workflow', { workflow: { ...WORKFLOW, [CANARY]: { class_type: 'A', inputs: {} } } }],
  ])('keeps no token: %s', async (field, publication) => {
    const { ada, publish, logged, db } = await modelSite()
    const answer = await publish(ada, publication)
    expect([answer.status, refusalOf(answer)]).toMatchObject([
      400,
      { message: expect.stringContaining(`${field}: There is a token in`), data: { field } },
    ])
    const rows = db.$client.prepare('select * from model_versions').all()
    expect(JSON.stringify([answer.text, logged, rows])).not.toContain('CANARY')
  })

  it('answers little to much that doesn’t fit', async () => {
    const { ada, publish } = await modelSite()
    const nodes = Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`${'x '.repeat(99)}${n}`, 1]))
    const answer = await publish(ada, { workflow: nodes })
    const { faults = [] } = refusalOf(answer).data as { faults?: object[] }
    expect([answer.status, faults.length, faults.at(-1)]).toEqual([
      400,
      51,
      { field: '', message: expect.stringMatching(/^And \d+ more\.$/) },
    ])
    expect(answer.text.length).toBeLessThan(20_000)
  })

  it('reads ten thousand values of one name, each under one of its own', async () => {
    const { ada } = await modelSite()
    const inputs = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, n) => [String.fromCodePoint(0x4e00 + n), 1]),
    )
    const _meta = { title: 'x'.repeat(1_000_000) }
    const answer = await ada.mutate('models.read', { workflow: { 1: { class_type: 'A', inputs, _meta } } })
    const names = dataOf<{ inputs: { name: string }[] }>(answer).inputs.map(({ name }) => name)
    expect(new Set(names).size).toBe(10_000)
    expect(answer.text.length).toBeLessThan(10_000_000)
  })

  it('asks for a size that there is', async () => {
    const { ada, publish } = await modelSite()
    expect((await publish(ada, { definition: { size: 'none' } })).status).toBe(400)
  })
})

describe('who may call a model', () => {
  it('is its owner, until it is for everyone', async () => {
    const { ada, mo, publish } = await modelSite()
    await publish(ada)
    const ask = async () => said(await mo.query('models.get', { id: 'ada/cats' }))
    expect(await ask()).toEqual(NONE)
    expect(await ask()).toEqual(said(await mo.query('models.get', { id: 'ada/none' })))
    const call = { modelId: 'ada/cats', inputs: { prompt: 'x' } }
    expect(said(await mo.mutate('modelRequests.create', call))).toEqual(NONE)
    expect(await idsFor(mo)).toEqual([])
    await ada.mutate('models.change', { id: 'ada/cats', visibility: 'everyone' })
    expect(await idsFor(mo)).toEqual(['ada/cats'])
    expect((await mo.mutate('modelRequests.create', call)).status).toBe(200)
    expect(await idsFor(mo, { isOwn: true })).toEqual([])
    // Calling it is all that is for everyone.
    expect(said(await mo.query('models.versions', { id: 'ada/cats' }))).toEqual(NONE)
    expect((await mo.query('models.source', { id: 'ada/cats', version: 1 })).status).toBe(404)
    expect(said(await mo.mutate('models.change', { id: 'ada/cats', visibility: 'private' }))).toEqual(NONE)
    expect(said(await mo.mutate('models.withdraw', { id: 'ada/cats' }))).toEqual(NONE)
    expect((await mo.query('models.get', { id: 'ada/cats' })).text).not.toMatch(/"node"|"field"|ckpt/)
  })

  it('is nobody once it was withdrawn, until it is published again', async () => {
    const { ada, mo, publish } = await modelSite()
    await publish(ada, { visibility: 'everyone' })
    await ada.mutate('models.withdraw', { id: 'ada/cats' })
    for (const browser of [ada, mo]) {
      expect(said(await browser.query('models.get', { id: 'ada/cats' }))).toEqual(NONE)
      expect(await idsFor(browser)).toEqual([])
    }
    const own = async () => dataOf(await ada.query('models.own', { id: 'ada/cats' }))
    expect([await own(), dataOf(await mo.query('models.own', { id: 'ada/cats' }))]).toEqual([
      { isWithdrawn: true },
      null,
    ])
    expect(dataOf(await publish(ada))).toMatchObject({ version: 1 })
    expect([await own(), await idsFor(mo), await idsFor(ada)]).toEqual([
      { isWithdrawn: false },
      [],
      ['ada/cats'],
    ])
    await publish(ada, { visibility: 'everyone' })
    expect(await idsFor(mo)).toEqual(['ada/cats'])
  })

  it('is nobody else while its owner’s account is shut', async () => {
    const { ada, mo, publish, db, member, clock } = await modelSite()
    await publish(mo, { id: 'mo/cats', visibility: 'everyone' })
    expect(await idsFor(ada)).toEqual(['mo/cats'])
    disableUser(db, member.id, SOMEBODY, clock)
    expect(await idsFor(ada)).toEqual([])
    expect(said(await ada.query('models.get', { id: 'mo/cats' }))).toEqual(NONE)
  })
})

describe('a request', () => {
  it('has defaults and a seed filled in, and the version of that moment', async () => {
    const { ada, publish, call } = await modelSite()
    await publish(ada)
    const id = await call(ada)
    await publish(ada, { definition: { title: 'Better' } })
    expect(dataOf(await ada.query('modelRequests.get', { id }))).toMatchObject({
      ...{ status: 'in_queue', version: 1, files: [], error: null, queuePosition: 0 },
    })
    expect(dataOf(await ada.query('modelRequests.inputs', { id }))).toEqual({
      ...{ prompt: 'a dog', steps: 30, seed: expect.any(Number) },
    })
  })

  it('is refused with every fault of its inputs, by name', async () => {
    const { ada, publish, jobs } = await modelSite()
    await publish(ada)
    const inputs = { steps: 0, nope: 1 }
    const answer = await ada.mutate('modelRequests.create', { modelId: 'ada/cats', inputs })
    expect([answer.status, refusalOf(answer).data]).toMatchObject([
      400,
      {
        field: 'inputs',
        faults: [
          { field: 'prompt', message: 'is missing' },
          { field: 'steps', message: 'must be 1 or more' },
          { field: 'nope', message: 'is no input of this model' },
        ],
      },
    ])
    expect(jobs).toEqual([])
  })

  it('again with the same key is the same, of one’s own alone', async () => {
    const { ada, mo, publish } = await modelSite()
    await publish(ada, { visibility: 'everyone' })
    const call = async (by: Visitor, inputs: object) => {
      const answer = await by.mutate('modelRequests.create', {
        ...{ modelId: 'ada/cats', inputs, idempotencyKey: 'one' },
      })
      return answer.status === 200 ? dataOf<{ id: string }>(answer).id : answer.status
    }
    const id = await call(ada, { prompt: 'x' })
    expect(await call(ada, { prompt: 'x' })).toBe(id)
    expect(await call(ada, { prompt: 'y' })).toBe(409)
    expect(await call(mo, { prompt: 'x' })).not.toBe(id)
  })

  it('again with the same key is the same, in whichever order, also once the model is gone', async () => {
    const { ada, publish } = await modelSite()
    await publish(ada)
    const call = async (inputs: object) =>
      ada.mutate('modelRequests.create', { modelId: 'ada/cats', inputs, idempotencyKey: 'one' })
    const { id } = dataOf<{ id: string }>(await call({ prompt: 'x', steps: 5 }))
    expect(dataOf(await call({ steps: 5, prompt: 'x' }))).toEqual({ id })
    await ada.mutate('models.withdraw', { id: 'ada/cats' })
    expect(dataOf(await call({ prompt: 'x', steps: 5 }))).toEqual({ id })
    expect((await call({ prompt: 'y' })).status).toBe(409)
  })

  it('waits among no more than the setting allows, of each caller', async () => {
    const { ada, mo, publish, call } = await modelSite({ env: { REQUESTS_PER_USER: '2' } })
    await publish(ada, { visibility: 'everyone' })
    const [first] = [await call(ada), await call(ada)]
    const create = { modelId: 'ada/cats', inputs: { prompt: 'x' } }
    expect((await ada.mutate('modelRequests.create', create)).status).toBe(429)
    expect((await mo.mutate('modelRequests.create', create)).status).toBe(200)
    await ada.mutate('modelRequests.cancel', { id: first })
    expect((await ada.mutate('modelRequests.create', create)).status).toBe(200)
  })

  it('keeps a picture that was sent inside it only until it ends', async () => {
    const site = await modelSite()
    const { ada, publish, call } = site
    await publish(ada)
    const image = `data:image/png;base64,${'A'.repeat(40_000)}`
    const id = await call(ada, 'ada/cats', { prompt: 'x', image })
    const inputs = async () =>
      dataOf<Record<string, unknown>>(await ada.query('modelRequests.inputs', { id }))
    begin(site, id)
    expect((await inputs()).image).toBe(image)
    end(site, id)
    expect(await inputs()).toMatchObject({ prompt: 'x', image: 'data:image/png (30.0 kB)' })
    const again = await ada.mutate('modelRequests.create', { modelId: 'ada/cats', inputs: await inputs() })
    expect(said(again)).toEqual([
      400,
      expect.stringMatching(/^image: is no longer kept.*Choose the file again/),
    ])
  })

  it('is refused to who has too many files already', async () => {
    const { ada, publish, db, admin } = await modelSite({ env: { DISK_PER_USER_GIB: '1' } })
    await publish(ada)
    const row = { userId: admin.id, dueAt: 0, measuredAt: 1, results: 2 ** 31 }
    db.insert(diskUsage).values(row).onConflictDoUpdate({ target: diskUsage.userId, set: row }).run()
    const call = { modelId: 'ada/cats', inputs: { prompt: 'x' } }
    expect(said(await ada.mutate('modelRequests.create', call))).toEqual([
      429,
      expect.stringContaining('Your files take 2.0 GiB of 1.0 GiB'),
    ])
  })

  it('is not for who may not launch', async () => {
    const { ada, mo, publish } = await modelSite({ env: { ALLOW_UNISOLATED: '0' } })
    await publish(ada, { visibility: 'everyone' })
    const { status } = await mo.mutate('modelRequests.create', {
      modelId: 'ada/cats',
      inputs: { prompt: 'x' },
    })
    expect(status).toBe(403)
  })

  test.each([
    ['in_queue', 'cancelled', false],
    ['in_progress', 'cancelled', false],
    ['in_progress at ComfyUI', 'cancelled', true],
    ['completed', 'completed', false],
    ['failed', 'failed', false],
  ])('that is %s is taken back at once or never', async (from, status, unsettled) => {
    const site = await modelSite()
    const { ada, publish, call, db, jobs } = site
    await publish(ada)
    const id = await call(ada)
    jobs.length = 0
    if (from !== 'in_queue') begin(site, id, from.endsWith('ComfyUI') ? { submittedAt: 1 } : {})
    if (from === 'completed' || from === 'failed') end(site, id, from)
    const cancelled = status === 'cancelled'
    expect(dataOf(await ada.mutate('modelRequests.cancel', { id }))).toEqual({ id, status, cancelled })
    expect(jobs).toEqual(cancelled ? [{ job: 'request', id }] : [])
    const row = db.$client.prepare('select status, unsettled, stage from model_requests').get()
    expect(row).toEqual({ status, unsettled: Number(unsettled), stage: null })
  })

  it('is listed the newest first, page by page', async () => {
    const { ada, publish, call, clock } = await modelSite()
    await publish(ada)
    await publish(ada, { id: 'ada/dogs' })
    const ids: string[] = []
    for (const model of ['ada/cats', 'ada/dogs', 'ada/cats']) {
      ids.unshift(await call(ada, model))
      clock.advance(1)
    }
    const list = async (input: object) =>
      dataOf<{ id: string }[]>(await ada.query('modelRequests.list', input)).map(({ id }) => id)
    expect(await list({})).toEqual(ids)
    expect(await list({ limit: 1, before: ids[0] })).toEqual([ids[1]])
    expect(await list({ modelId: 'ada/dogs' })).toEqual([ids[1]])
    const gone = await ada.query('modelRequests.list', { before: 'gone' })
    expect(said(gone)).toEqual([404, 'There is no such request.'])
  })
})

describe('watching a request', () => {
  async function watched() {
    const site = await modelSite()
    await site.publish(site.ada)
    const id = await site.call(site.ada)
    const db = openDb(join(site.dataDir, 'slipway.db'))
    onTestFinished(() => void db.$client.close())
    return { ...site, id, elsewhere: { ...site, db } }
  }

  it('tells how it is, each change that a worker makes, and ends with it', async () => {
    const { ada, id, elsewhere } = await watched()
    const stream = await follow(ada, 'modelRequests.watch', { id })
    expect((await stream.next()).data).toMatchObject({ id, status: 'in_queue', queuePosition: 0 })
    begin(elsewhere, id, { progressText: 'Step 1' })
    expect((await stream.next()).data).toMatchObject({ status: 'in_progress', message: 'Step 1' })
    end(elsewhere, id)
    expect((await stream.next()).data).toMatchObject({ status: 'completed', message: null })
    expect(await stream.next()).toBeUndefined()
  })

  it('goes on where it was, and says nothing twice', async () => {
    const { ada, id, elsewhere } = await watched()
    const first = await follow(ada, 'modelRequests.watch', { id })
    const { id: last } = await first.next()
    first.leave()
    const second = await follow(ada, 'modelRequests.watch', { id }, last)
    begin(elsewhere, id)
    expect((await second.next()).data).toMatchObject({ status: 'in_progress' })
  })

  it('goes on after a change that was told in many words, and from whatever else it is given', async () => {
    const { ada, id, elsewhere } = await watched()
    begin(elsewhere, id, { progressText: 'Downloading \u2026 '.repeat(50) })
    const first = await follow(ada, 'modelRequests.watch', { id })
    const { id: last = '' } = await first.next()
    first.leave()
    expect(last.length).toBeLessThan(60)
    const [again, odd] = [
      await follow(ada, 'modelRequests.watch', { id }, last),
      await follow(ada, 'modelRequests.watch', { id }, 'x'.repeat(500)),
    ]
    expect((await odd.next()).data).toMatchObject({ status: 'in_progress' })
    end(elsewhere, id)
    expect((await again.next()).data).toMatchObject({ status: 'completed' })
  })

  it('tells that its turn has come when another of one’s own ends', async () => {
    const { ada, id: first, call, clock, elsewhere } = await watched()
    clock.advance(1)
    const id = await call(ada)
    const stream = await follow(ada, 'modelRequests.watch', { id })
    expect((await stream.next()).data).toMatchObject({ queuePosition: 1 })
    begin(elsewhere, first)
    end(elsewhere, first)
    expect((await stream.next()).data).toMatchObject({ queuePosition: 0 })
  })
})
