import { describe, expect, it, test } from 'vitest'
import { expireRequests } from '~/db/model-request-keeping'
import { begin, complete, DEFINITION, end, modelSite } from './model-site'
import { raw } from './raw'
import { ORIGIN } from './site'
import { type Answer, type Ask, dataOf } from './visitor'

const bodyOf = ({ text }: Answer) => JSON.parse(text)
const JSON_TYPE = /^application\/json/

async function published({ env }: { env?: Record<string, string> } = {}) {
  const site = await modelSite({ env })
  await site.publish(site.ada, { visibility: 'everyone' })
  const program = site.withApiToken(site.member, ['models:write']).visitor
  const post = (path: string, body?: string, headers: Ask['headers'] = {}) =>
    program.ask(path, { method: 'POST', body, headers })
  return {
    ...site,
    program,
    post,
    run: (body: unknown = { prompt: 'a dog' }, headers: Ask['headers'] = {}, id = 'ada/cats') =>
      post(`/v1/models/${id}`, typeof body === 'string' ? body : JSON.stringify(body), headers),
    read: async (path: string) => bodyOf(await program.get(path)),
  }
}

/** How RunComfy's client reads a status: integers where it wants integers, and null for nothing else. */
function expectReadable(status: Record<string, unknown>) {
  expect(status).toMatchObject({ request_id: expect.stringMatching(/^[A-Za-z0-9_-]{1,128}$/) })
  expect(Object.values(status)).not.toContain(null)
  if ('queue_position' in status) expect(Number.isInteger(status.queue_position)).toBe(true)
}

describe('a call', () => {
  it('is queued, and says at once where to ask about it, under the public address', async () => {
    const { run, member, db, jobs } = await published()
    const answer = await run({ prompt: 'a dog' }, { host: 'localhost:3000', 'x-forwarded-host': 'evil.test' })
    const { request_id: id, ...urls } = bodyOf(answer)
    expect(urls).toEqual({
      status_url: `${ORIGIN}/v1/requests/${id}/status`,
      result_url: `${ORIGIN}/v1/requests/${id}/result`,
      cancel_url: `${ORIGIN}/v1/requests/${id}/cancel`,
    })
    expect(jobs).toEqual([{ job: 'request', id }])
    expect(db.$client.prepare('select user_id from model_requests').pluck().all()).toEqual([member.id])
  })

  it('is followed from the queue to its result in the words of RunComfy’s client', async () => {
    const { run, read, member, ...site } = await published()
    const { request_id: first } = bodyOf(await run())
    site.clock.advance(1000)
    const { request_id: id } = bodyOf(await run())
    const urls = {
      request_id: id,
      status_url: `${ORIGIN}/v1/requests/${id}/status`,
      result_url: `${ORIGIN}/v1/requests/${id}/result`,
      cancel_url: `${ORIGIN}/v1/requests/${id}/cancel`,
    }
    const created_at = new Date(site.clock()).toISOString()
    const always = { ...urls, model_id: 'ada/cats', created_at }
    const waiting = await read(`/v1/requests/${id}/status`)
    expect(waiting).toEqual({
      ...always,
      status: 'in_queue',
      queue_position: 1,
      message: 'Waiting for its turn.',
    })
    expectReadable(waiting)
    expect(await read(`/v1/requests/${first}/status`)).toMatchObject({ queue_position: 0 })

    begin(site, id, { progress: 0.25, progressText: 'Step 5 of 20' })
    const running = await read(`/v1/requests/${id}/status`)
    expect(running).toEqual({
      ...always,
      status: 'in_progress',
      stage: 'running',
      progress: 0.25,
      message: 'Step 5 of 20',
    })
    expectReadable(running)
    expect(await read(`/v1/requests/${id}/result`)).toEqual({
      ...{ request_id: id, status: 'in_progress', output: null, created_at, finished_at: null },
    })
    site.clock.advance(1000)
    end(site, id, 'completed', { texts: { caption: ['a dog'] } })
    const done = await read(`/v1/requests/${id}/status`)
    expect(done).toEqual({ ...always, status: 'completed' })
    expectReadable(done)
    expect(await read(`/v1/requests/${id}/result`)).toEqual({
      ...{ request_id: id, status: 'completed', created_at },
      output: { caption: ['a dog'] },
      finished_at: new Date(site.clock()).toISOString(),
    })
  })

  it('gives files as absolute addresses by the name of their output, which open', async () => {
    const { run, read, program, member, ...site } = await published()
    const { request_id: id } = bodyOf(await run())
    const files = [{ name: 'one 1.png' }, { name: 'two.png' }, { name: 'x.mp4', output: '__proto__' }]
    complete(site, member, id, files)
    const { output } = await read(`/v1/requests/${id}/result`)
    expect(Object.entries(output)).toEqual([
      [
        'images',
        [`${ORIGIN}/v1/requests/${id}/files/0/one%201.png`, `${ORIGIN}/v1/requests/${id}/files/1/two.png`],
      ],
      ['__proto__', [`${ORIGIN}/v1/requests/${id}/files/2/x.mp4`]],
    ])
    expect((await program.get(output.images[0])).status).toBe(200)
  })

  it('whose files are no longer kept says since when, and offers none of them', async () => {
    const { run, read, member, ...site } = await published()
    const { request_id: id } = bodyOf(await run())
    complete(site, member, id, [{ name: 'one.png' }], { texts: { caption: ['a dog'] } })
    expireRequests(site.db, { keptMs: 0, limit: 1, clock: site.clock })
    expect(await read(`/v1/requests/${id}/result`)).toMatchObject({
      ...{ status: 'completed', output: {} },
      expired_at: new Date(site.clock()).toISOString(),
    })
  })

  it('that failed says why, and what to do, in one sentence each', async () => {
    const { run, read, ...site } = await published()
    const { request_id: id } = bodyOf(await run())
    begin(site, id)
    end(site, id, 'failed', {
      errorClass: 'node_failed',
      errorMessage: 'KSampler failed.',
      errorDetail: 'secret',
    })
    expect(await read(`/v1/requests/${id}/result`)).toMatchObject({
      status: 'failed',
      output: null,
      error: 'KSampler failed. Change the inputs; the log of the machine’s ComfyUI says more.',
    })
  })

  it('is taken back without a body and without a Content-Length, and only once it can be', async () => {
    const { run, member, withApiToken, port, ...site } = await published()
    const { token } = withApiToken(member, ['models:write'])
    const cancel = async (id: string) => {
      const answer = await raw(
        port,
        `POST /v1/requests/${id}/cancel HTTP/1.1\r\nHost: slipway.test:3000\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
      )
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK/)
      return JSON.parse(/\{.*\}/.exec(answer)?.[0] ?? '')
    }
    const { request_id: id } = bodyOf(await run())
    const taken = { request_id: id, status: 'cancelled', outcome: 'cancelled' }
    expect([await cancel(id), await cancel(id)]).toEqual([taken, taken])
    const { request_id: done } = bodyOf(await run())
    complete(site, member, done, [])
    expect(await cancel(done)).toEqual({ request_id: done, status: 'completed', outcome: 'not_cancellable' })
  })

  it('again with the same key is the same request, and another call with it is refused', async () => {
    const { run, jobs } = await published()
    const key = { 'Idempotency-Key': 'one' }
    const [first, again] = [await run({ prompt: 'a dog' }, key), await run({ prompt: 'a dog' }, key)]
    expect(first.status).toBe(200)
    expect(again.text).toBe(first.text)
    const other = await run({ prompt: 'a fox' }, key)
    expect([other.status, bodyOf(other)]).toEqual([
      409,
      { error: expect.stringContaining('Idempotency-Key was used for another call') },
    ])
    expect(new Set(jobs.map((job) => JSON.stringify(job))).size).toBe(1)
    expect((await run({ prompt: 'a dog' }, { 'Idempotency-Key': 'x'.repeat(201) })).status).toBe(400)
  })
})

describe('what is no call is refused as JSON', () => {
  test.each(['{', 'null', '[]', '"x"', '7', 'prompt=x', '\u0000'])('400: %j', async (body) => {
    const { run, jobs } = await published()
    const answer = await run(body)
    expect([answer.status, bodyOf(answer)]).toEqual([
      400,
      { error: 'Send the inputs of the model as a JSON object.' },
    ])
    expect(jobs).toEqual([])
  })

  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
  test.each([
    ['every fault', '{"seed":-1,"steps":99,"nope":1}', ['prompt', 'seed', 'steps', 'nope']],
    ['no inputs at all', '', ['prompt']],
    ['a number beyond all', '{"prompt":"x","steps":1e400}', ['steps']],
    ['a number that no program reads exactly', '{"prompt":"x","seed":18446744073709551615}', ['seed']],
    [
      'names of prototypes',
      '{"prompt":"x","__proto__":{"a":1},"constructor":1}',
      ['__proto__', 'constructor'],
    ],
    ['JSON without end', `{"prompt":${deep}}`, ['prompt']],
    ['a name that could be a token', '{"prompt":"x","hf-CANARY1":1}', ['']],
  ])('422 with %s', async (_what, body, fields) => {
    const { run, jobs, logged } = await published()
    const answer = await run(body)
    const { error, errors } = bodyOf(answer)
    expect([answer.status, errors.map(({ field }: { field: string }) => field)]).toEqual([422, fields])
    for (const { field, message } of errors) expect(error).toContain(field ? `${field}: ${message}` : message)
    expect(answer.text).not.toContain('CANARY')
    expect([jobs, logged]).toEqual([[], []])
  })

  it('takes a BOM, and of a key that is there twice the last', async () => {
    const { run, db } = await published()
    expect((await run('\ufeff{"prompt":"a","prompt":"b","seed":1}')).status).toBe(200)
    const inputs = db.$client.prepare('select inputs from model_request_inputs').pluck().get() as string
    expect(JSON.parse(inputs)).toEqual({ prompt: 'b', seed: 1, steps: 30 })
  })

  it('429 with the time to come back, when too many wait', async () => {
    const { run } = await published({ env: { REQUESTS_PER_USER: '1' } })
    await run()
    const answer = await run()
    expect([answer.status, answer.headers['retry-after'], bodyOf(answer)]).toEqual([
      429,
      '10',
      { error: expect.stringMatching(/^1 of your requests/) },
    ])
  })

  it('401 without a good token, 403 without its scope, 404 for what isn’t there', async () => {
    const { visitor, withApiToken, member, run, program, publish, ada } = await published()
    await publish(ada, { id: 'ada/mine' })
    const call = { method: 'POST' as const, body: '{}' }
    const guess = await visitor(undefined, 'Bearer slipway_api_guess').ask('/v1/models/ada/cats', call)
    expect([guess.status, guess.headers['www-authenticate']]).toEqual([401, 'Bearer realm="slipway"'])
    const reader = withApiToken(member, ['models:read']).visitor
    expect((await reader.ask('/v1/models/ada/cats', call)).status).toBe(403)
    expect((await withApiToken(member, ['machines:write']).visitor.get('/v1/models')).status).toBe(403)
    const none = await run({}, {}, 'ada/none')
    expect([none.status, bodyOf(none)]).toEqual([404, { error: 'There is no such model.' }])
    expect((await run({}, {}, 'ada/mine')).text).toBe(none.text)
    for (const path of [
      '/v1',
      '/v1/none',
      '/v1/requests',
      '/v1/requests/x',
      '/v1/models/a',
      '/v1/models/a/b/c/d',
    ])
      expect([path, (await program.get(path)).status, bodyOf(await program.get(path))]).toEqual([
        path,
        404,
        { error: expect.any(String) },
      ])
  })
})

describe('a browser', () => {
  it('reads with its cookie, and changes nothing with it, wherever it comes from', async () => {
    const { mo, call, member, jobs, ...site } = await published()
    const id = await call(mo)
    jobs.length = 0
    for (const path of ['/v1/models', '/v1/models/ada/cats', `/v1/requests/${id}/status`])
      expect([path, (await mo.get(path)).status]).toEqual([path, 200])
    for (const origin of [ORIGIN, undefined, 'null', 'http://evil.test'])
      for (const path of ['/v1/models/ada/cats', `/v1/requests/${id}/cancel`, `/V1/requests/${id}/cancel`]) {
        const answer = await mo.ask(path, { method: 'POST', headers: { origin }, body: '{"prompt":"x"}' })
        expect([origin, path, answer.status]).toEqual([origin, path, 401])
        expect(answer.text).toContain('Send an API token')
      }
    const evil = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }
    const foreign = await mo.get('/v1/models', evil)
    expect([foreign.status, foreign.headers['content-type']]).toEqual([403, expect.stringMatching(JSON_TYPE)])
    expect(jobs).toEqual([])
    expect(site.db.$client.prepare('select status from model_requests').pluck().all()).toEqual(['in_queue'])
  })
})

test.each([
  ...[
    '/%76%31/models/ada/cats',
    '/%561/models/ada/cats',
    '/x/../v1/models/ada/cats',
    '/x/%2E%2e/v1/models/ada/cats',
  ],
  ...['/./v1/models/ada/cats', '/x/..\\v1/models/ada/cats', '/v\t1/models/ada/cats', '//v1/models/ada/cats'],
  '/v1%2fmodels/ada/cats',
])('%j is no other way to /v1, where a browser’s cookie counts', async (path) => {
  const { mo, port, jobs } = await published()
  const answer = await raw(
    port,
    `POST ${path} HTTP/1.1\r\nHost: slipway.test:3000\r\nOrigin: ${ORIGIN}\r\nCookie: ${mo.cookie}\r\nContent-Length: 14\r\nConnection: close\r\n\r\n{"prompt":"x"}`,
  )
  expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
  expect(jobs).toEqual([])
})

test.each([
  ['/v1/models', 'GET', ['POST', 'PUT', 'DELETE', 'OPTIONS']],
  ['/v1/models/categories', 'GET', ['POST', 'DELETE']],
  ['/v1/models/ada/cats', 'GET, POST', ['PUT', 'PATCH', 'DELETE', 'OPTIONS']],
  ['/v1/requests/x/status', 'GET', ['POST', 'PUT']],
  ['/v1/requests/x/result', 'GET', ['POST', 'PUT']],
  ['/v1/requests/x/cancel', 'POST', ['GET', 'PUT', 'OPTIONS']],
  ['/v1/requests/x/files/0/a.png', 'GET', ['POST', 'DELETE']],
] as const)('405 with what is allowed: %s', async (path, allowed, others) => {
  const { program } = await published()
  for (const method of others) {
    const { status, headers, text } = await program.ask(path, { method })
    expect([method, status, headers.allow]).toEqual([method, 405, allowed])
    expect(JSON.parse(text)).toEqual({ error: `Ask with ${allowed.replace(', ', ' or ')}.` })
  }
})

it('no answer is a redirect, nor kept by any cache', async () => {
  const { program, mo, call } = await published()
  const id = await call(mo)
  for (const path of ['/v1/models', '/v1/models/', '/v1/models/ada/cats', `/v1/requests/${id}/status`]) {
    const { status, headers } = await program.get(path)
    expect([path, status, headers['cache-control'], headers.location]).toEqual([
      path,
      200,
      'no-store',
      undefined,
    ])
  }
})

describe('the catalogue', () => {
  it('tells of each model what RunComfy’s does', async () => {
    const { read } = await published()
    const about = {
      model_id: 'ada/cats',
      display_name: 'Cats',
      description: 'Draws cats.',
      categories: ['text-to-image'],
      base_price_usd: 0,
      inputs: DEFINITION.inputs.map(({ name }) => name),
      required_inputs: ['prompt'],
      model_url: `${ORIGIN}/models/ada/cats`,
    }
    const input_schema = {
      type: 'object',
      required: ['prompt'],
      additionalProperties: false,
      properties: {
        prompt: { type: 'string', maxLength: 20_000, title: 'Prompt' },
        seed: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, title: 'Seed' },
        steps: { type: 'integer', minimum: 1, maximum: 50, title: 'Steps', default: 30 },
        image: { type: 'string', format: 'uri', contentMediaType: 'image/*', title: 'Picture' },
      },
    }
    expect(await read('/v1/models')).toEqual({ models: [about], total: 1 })
    expect(await read('/v1/models?include_schema=true')).toMatchObject({
      models: [{ ...about, input_schema }],
    })
    expect(await read('/v1/models/ada/cats')).toEqual({
      ...{ ...about, input_schema },
      outputs: [{ name: 'images', title: 'Pictures' }],
    })
    expect(await read('/v1/models/ada%2Fcats')).toMatchObject({ model_id: 'ada/cats' })
    expect(await read('/v1/models/categories')).toEqual({ categories: ['text-to-image'] })
  })

  it('is searched, filtered and paged', async () => {
    const { read, publish, ada } = await published()
    await publish(ada, {
      id: 'ada/dogs',
      visibility: 'everyone',
      definition: { title: 'Dogs', categories: ['video'] },
    })
    const ids = async (query: string) => {
      const { models, total } = await read(`/v1/models?${query}`)
      return [models.map(({ model_id }: { model_id: string }) => model_id), total]
    }
    expect(await ids('')).toEqual([['ada/cats', 'ada/dogs'], 2])
    expect(await ids('search=DOGS')).toEqual([['ada/dogs'], 1])
    expect(await ids('category=video')).toEqual([['ada/dogs'], 1])
    expect(await ids('limit=1&offset=1')).toEqual([['ada/dogs'], 2])
    expect(await ids('kind=workflow')).toEqual([['ada/cats', 'ada/dogs'], 2])
    expect(await ids('kind=inference')).toEqual([[], 0])
  })

  test.each([
    ['limit=0', 'limit: must be 1 or more'],
    ['limit=x', 'limit: must be a number'],
    ['offset=-1', 'offset: must be 0 or more'],
    ['offset=1.5', 'offset: must be a whole number'],
  ])('refuses %s', async (query, error) => {
    const { program } = await published()
    const answer = await program.get(`/v1/models?${query}`)
    expect([answer.status, bodyOf(answer)]).toEqual([400, { error }])
  })
})

it('requests of two users never meet', async () => {
  const { ada, mo, call, withApiToken, admin, member, ...site } = await published()
  const id = await call(mo)
  const program = withApiToken(admin, ['write']).visitor
  for (const path of ['status', 'result'].map((end) => `/v1/requests/${id}/${end}`))
    for (const asking of [ada, program]) {
      const answer = await asking.get(path)
      expect([answer.status, bodyOf(answer)]).toEqual([404, { error: 'There is no such request.' }])
    }
  expect((await program.ask(`/v1/requests/${id}/cancel`, { method: 'POST' })).status).toBe(404)
  for (const [procedure, type] of [
    ['modelRequests.get', 'query'],
    ['modelRequests.inputs', 'query'],
    ['modelRequests.cancel', 'mutation'],
    ['modelRequests.watch', 'subscription'],
  ] as const)
    expect((await ada.call(procedure, type, { id })).text).toContain('There is no such request.')
  expect(dataOf(await ada.query('modelRequests.list'))).toEqual([])
  expect(site.db.$client.prepare('select status from model_requests').pluck().all()).toEqual(['in_queue'])
})
