import { describe, expect, it, test } from 'vitest'
import { readInputs } from '~/app/components/model-page/read-inputs'
import { shownInputs } from '~/app/components/requests/shown-inputs'
import { took } from '~/app/components/requests/took'
import { expireRequests } from '~/db/model-request-keeping'
import { getRequestInputs, listModelRequests } from '~/db/model-requests'
import { modelRequestInputs } from '~/db/schema'
import { begin, complete, end, modelSite } from './model-site'

const PAGE = '/models/ada/cats'
const FILLED = { 'input.prompt': 'a dog', 'input.seed': '', 'input.steps': '7', idempotencyKey: 'one' }

async function published() {
  const site = await modelSite()
  await site.publish(site.ada)
  const { db, admin } = site
  const mine = () =>
    listModelRequests(db, admin.id, { limit: 100 }).map((request) => ({
      ...request,
      inputs: getRequestInputs(db, admin.id, request.id),
    }))
  return { ...site, mine }
}

it('a filled form makes one request, however often it is sent, and leads to it', async () => {
  const { ada, mine } = await published()
  const [first, again] = [await ada.submit(PAGE, FILLED), await ada.submit(PAGE, FILLED)]
  const [request, ...more] = mine()
  expect(more).toEqual([])
  expect([first, again].map(({ headers }) => headers.location)).toEqual(
    Array(2).fill(`${PAGE}?request=${request?.id}`),
  )
  expect(request?.inputs).toEqual({ prompt: 'a dog', seed: expect.any(Number), steps: 7 })
})

it('every refusal stands in the form', async () => {
  const { ada, mine } = await published()
  const { status, text } = await ada.submit(PAGE, { 'input.steps': 'many', 'input.image': 'x' })
  expect(status).toBe(200)
  for (const said of ['Is missing', 'Must be a whole number', 'Must be an https address'])
    expect(text).toContain(said)
  expect(mine()).toEqual([])
})

it('running again calls with what the request was called with', async () => {
  const site = await published()
  const id = await site.call(site.ada)
  begin(site, id)
  end(site, id, 'failed', { errorClass: 'node_failed', errorMessage: 'It failed.' })
  const { headers } = await site.ada.submit(PAGE, { again: id })
  const [one, other] = site.mine()
  expect(one?.inputs).toEqual(other?.inputs)
  expect([one, other].map((request) => `${PAGE}?request=${request?.id}`)).toContain(headers.location)
})

it('a request to another model is neither shown in this one’s page nor called again there', async () => {
  const { ada, publish, call, mine } = await published()
  await publish(ada, { id: 'ada/other' })
  const id = await call(ada, 'ada/other')
  const { status, text } = await ada.get(`${PAGE}?request=${id}`)
  expect([status, text.includes(`/requests/${id}`)]).toEqual([200, false])
  expect((await ada.submit(PAGE, { again: id })).status).toBe(404)
  expect(mine()).toHaveLength(1)
})

it('a request whose inputs are no longer kept is not called again without them', async () => {
  const site = await published()
  await site.publish(site.ada, { id: 'ada/free', definition: { inputs: [] } })
  const id = await site.call(site.ada, 'ada/free', {})
  begin(site, id)
  end(site, id, 'completed', { expiredAt: site.clock() })
  site.db.delete(modelRequestInputs).run()
  const { text } = await site.ada.submit('/models/ada/free', { again: id })
  expect(text).toContain('The inputs of that request are no longer kept.')
  expect(site.mine()).toHaveLength(1)
})

describe('what is another’s is not there', () => {
  it('a model that is its owner’s alone, and requests', async () => {
    const { ada, mo, call, publish, db, admin, member } = await published()
    const id = await call(ada)
    await publish(mo, { id: 'mo/own' })
    for (const path of [PAGE, `/models/mo/own?request=${id}`, `/requests/${id}`])
      expect([path, (await mo.get(path)).status]).toEqual([path, 404])
    for (const [path, form] of [
      [PAGE, FILLED],
      ['/models/mo/own', { again: id }],
      [`/requests/${id}`, {}],
    ] as const)
      expect([path, (await mo.submit(path, form)).status]).toEqual([path, 404])
    expect((await mo.get('/requests')).text).not.toContain(id)
    expect(listModelRequests(db, member.id, { limit: 10 })).toEqual([])
    expect(listModelRequests(db, admin.id, { limit: 10 })[0]?.status).toBe('in_queue')
  })

  it.each(['/models/ada', '/models/ada/cats/more/than', '/models/__proto__/x', '/requests/none'])(
    '%s',
    async (path) => {
      const { ada } = await published()
      expect((await ada.get(path)).status).toBe(404)
    },
  )
})

it('requests are listed by model and page by page, with the pictures that browsers may see', async () => {
  const site = await published()
  const { ada, publish, call, clock } = site
  await publish(ada, { id: 'ada/other' })
  const ids: string[] = []
  for (let count = 0; count < 32; count++) {
    clock.advance(1000)
    ids.unshift(await call(ada))
  }
  const other = await call(ada, 'ada/other')
  complete(site, site.admin, other, [{ name: 'a.png' }, { name: 'b.svg', mediaType: 'image/svg+xml' }])
  const shown = async (path: string) => {
    const { text } = await ada.get(path)
    return { text, ids: [...text.matchAll(/<a[^>]* href="\/requests\/(\w{16})"/g)].map(([, id]) => id) }
  }
  const first = await shown('/requests?model=ada/cats')
  expect(first.ids).toEqual(ids.slice(0, 30))
  const next = `?model=ada%2Fcats&amp;before=${ids[29]}`
  expect(first.text).toContain(next)
  expect((await shown(`/requests${next.replace('&amp;', '&')}`)).ids).toEqual(ids.slice(30))
  const { text } = await shown('/requests')
  expect([...text.matchAll(/<img src="(\/v1[^"]*)"/g)].map(([, url]) => url)).toEqual([
    `/v1/requests/${other}/files/0/a.png`,
  ])
})

it('what is no longer kept is said to be so, and can’t be run again', async () => {
  const site = await published()
  const id = await site.call(site.ada)
  begin(site, id)
  end(site, id)
  expireRequests(site.db, { keptMs: 0, limit: 1, clock: site.clock })
  const { text } = await site.ada.get(`/requests/${id}`)
  expect(text).toContain('What came out is no longer kept.')
  expect(text).toContain('They are no longer kept.')
  expect(text).not.toContain('Run again')
})

it('a form is read as its inputs want it, and what can’t be is left to be refused', () => {
  const inputs = [
    { name: 'text', title: 'Text', type: 'text' as const, required: true },
    { name: 'kept', title: 'Kept', type: 'text' as const, required: false, default: 'x' },
    { name: 'constructor', title: 'Number', type: 'number' as const, required: false },
    { name: 'steps', title: 'Steps', type: 'integer' as const, required: false },
    { name: 'tiled', title: 'Tiled', type: 'boolean' as const, required: false },
    { name: 'absent', title: 'Absent', type: 'text' as const, required: false, default: 'x' },
  ]
  const form = new FormData()
  const fields = { text: 'a\r\nb', kept: '', constructor: '0.5', steps: 'many' }
  for (const [name, value] of Object.entries(fields)) form.append(`input.${name}`, value)
  for (const value of ['true', 'false']) form.append('input.tiled', value)
  expect(readInputs(inputs, form)).toEqual({
    ...{ text: 'a\nb', kept: '', steps: 'many', tiled: true },
    constructor: 0.5,
  })
})

it('inputs are shown short', () => {
  const inputs = { text: 'x'.repeat(3000), file: `data:image/png;base64,${'A'.repeat(4000)}`, steps: 7 }
  expect(shownInputs(inputs)).toEqual([
    { name: 'text', text: `${'x'.repeat(2000)}…` },
    { name: 'file', text: 'image/png, 3.0 kB' },
    { name: 'steps', text: '7' },
  ])
})

test.each([
  [800, '0.8 s'],
  [9_970, '10 s'],
  [59_700, '1 min 0 s'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
  [-5, '0.0 s'],
])('%d ms are %s', (ms, said) => {
  expect(took(new Date(0).toISOString(), new Date(ms).toISOString())).toBe(said)
})
