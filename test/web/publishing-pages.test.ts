import { expect, it, test } from 'vitest'
import { author, publication, workflowFile } from './publishing'
import { startSite } from './site'
import { dataOf } from './visitor'

const EDIT = '/models/edit?id=mo/portrait'

it('a workflow is read for its author: its likely inputs and outputs, and the files that it loads', async () => {
  const { send } = author(await startSite())
  const { status, text } = await send(
    { intent: 'read', workflow: workflowFile('text-to-image') },
    '/models/new.data',
  )
  expect(status).toBe(200)
  expect(text).toContain('v1-5-pruned-emaonly-fp16.safetensors')
  expect(text).toContain('models/checkpoints')
})

test.each([
  ['the editor’s own format', workflowFile('editor-format')],
  ['no workflow at all', { anything: 1 }],
  ['an empty object', {}],
  ['a list', []],
])('%s is refused with where to find the right file', async (_what, workflow) => {
  const { send } = author(await startSite())
  const { text } = await send({ intent: 'read', workflow }, '/models/new.data')
  expect(text).toContain('"This is no workflow in ComfyUI’s API format.')
  expect(text).toContain('“Export (API)”')
})

it('publishing leads to the model, and the list has it', async () => {
  const { browser, send } = author(await startSite())
  const { status, headers } = await send(publication('mo/portrait'))
  expect([status, headers.location]).toEqual([302, '/models/mo/portrait'])
  const { text } = await browser.get('/models')
  expect(text).toContain('mo/portrait')
  expect(text).toContain('Only for you')
})

it('every fault of a definition is said at once, each with its field', async () => {
  const { browser, send } = author(await startSite())
  const inputs = [{ name: 'A b', title: '', type: 'text', node: '6', field: 'text' }]
  const { text } = await send(
    publication('mo/portrait', { title: ' ', inputs, outputs: [] }),
    '/models/new.data',
  )
  for (const field of ['title', 'inputs.0.name', 'inputs.0.title', 'outputs'])
    expect(text).toContain(`"definition.${field}"`)
  const unfit = [
    { name: 'a', title: 'A', type: 'integer', node: '3', field: 'steps', default: 'many' },
    { name: 'b', title: 'B', type: 'choice', node: '3', field: 'scheduler' },
  ]
  const second = await send(publication('mo/portrait', { inputs: unfit }), '/models/new.data')
  for (const field of ['inputs.0.default', 'inputs.1.choices'])
    expect(second.text).toContain(`"definition.${field}"`)
  expect(dataOf<{ total: number }>(await browser.query('models.list')).total).toBe(0)
})

it('what is published already is changed on its own page, not by publishing it anew', async () => {
  const { browser, send, publish } = author(await startSite())
  await publish('mo/portrait')
  const { text } = await send(publication('mo/portrait', { title: 'Another' }), '/models/new.data')
  expect(text).toContain('You have a model of this name.')
  expect(dataOf(await browser.query('models.get', { id: 'mo/portrait' }))).toMatchObject({ version: 1 })
})

it('publishing begins with choosing a username, which says why a name can’t be and leads back', async () => {
  const site = await startSite()
  author(site, site.admin, 'ada')
  const browser = site.signedIn(site.member)
  const { status, headers } = await browser.get('/models/new')
  expect([status, headers.location]).toEqual([302, '/profile/username?next=%2Fmodels%2Fnew'])
  for (const [name, why] of [
    ['ada', 'is taken. Choose another.'],
    ['No Name', 'Must be lower-case letters, digits and dashes'],
  ] as const) {
    const refused = await browser.submit('/profile/username', { name, next: '/models/new' })
    expect(refused.text).toContain(why)
    expect(refused.text).toContain(`value="${name}"`)
    expect(refused.text).toContain(`value="/models/new"`)
  }
  const chosen = await browser.submit('/profile/username', { name: 'mo', next: '/models/new' })
  expect(chosen.headers.location).toBe('/models/new')
  expect((await browser.get('/models/new')).text).toContain('Workflow file')
})

it('another version is called, everyone may call it, and it is withdrawn after a question', async () => {
  const site = await startSite()
  const { browser, publish } = author(site)
  const ada = site.signedIn(site.admin)
  await publish('mo/portrait')
  await publish('mo/portrait', { title: 'Second' })
  const called = async () => dataOf(await browser.query('models.get', { id: 'mo/portrait' }))
  expect((await browser.submit(EDIT, { intent: 'call', version: '1' })).text).toContain('Version 1 is in use')
  expect(await called()).toMatchObject({ version: 1, title: 'Portrait' })
  expect((await browser.submit(EDIT, { intent: 'call', version: '7' })).status).toBe(404)
  expect((await ada.query('models.get', { id: 'mo/portrait' })).status).toBe(404)
  await browser.submit(EDIT, { intent: 'visibility', visibility: 'everyone' })
  expect((await ada.query('models.get', { id: 'mo/portrait' })).status).toBe(200)
  const nobody = await browser.submit(EDIT, { intent: 'visibility', visibility: 'nobody' })
  expect(nobody.text).toContain('Must be private or everyone')

  const question = await browser.get(`${EDIT}&withdraw=yes`)
  expect(question.text).toContain('What was called before goes on')
  expect(await called()).toMatchObject({ version: 1 })
  expect((await browser.submit(EDIT, { intent: 'withdraw' })).headers.location).toBe('/models')
  expect((await browser.get(EDIT)).status).toBe(404)
})

it('the page that edits makes the next version of its own model, whatever id is sent', async () => {
  const { browser, send, publish } = author(await startSite())
  await publish('mo/portrait')
  await send(publication('mo/other', { title: 'Second' }), EDIT)
  expect(dataOf(await browser.query('models.list'))).toMatchObject({
    total: 1,
    models: [{ id: 'mo/portrait', title: 'Second', version: 2 }],
  })
})

test.each(['private', 'everyone'])(
  'a model of another that is for %s is edited by nobody else',
  async (visibility) => {
    const site = await startSite()
    const { browser, publish } = author(site)
    await publish('mo/portrait', {}, { visibility })
    const ada = author(site, site.admin, 'ada')
    expect((await ada.browser.get(EDIT)).status).toBe(404)
    const changes: Record<string, string>[] = [
      { intent: 'withdraw' },
      { intent: 'call', version: '1' },
      { intent: 'visibility', visibility: 'everyone' },
    ]
    for (const fields of changes) expect((await ada.browser.submit(EDIT, fields)).status).toBe(404)
    expect((await ada.send(publication('mo/portrait', { title: 'Mine' }), EDIT)).status).toBe(404)
    expect(dataOf(await browser.query('models.get', { id: 'mo/portrait' }))).toMatchObject({
      title: 'Portrait',
      visibility,
      version: 1,
    })
  },
)

test.each([
  ['', ['mo/landscape', 'mo/portrait']],
  ['?search=LAND', ['mo/landscape']],
  ['?category=upscaling', ['mo/landscape']],
  ['?own=on', []],
  ['?search=nothing', []],
  ['?page=2', []],
  ['?page=-1&category=%00', []],
  [`?search=${'x'.repeat(300)}`, []],
])('the list at %s has what is asked for and says what to do when that is nothing', async (query, ids) => {
  const site = await startSite()
  const { publish } = author(site)
  await publish('mo/portrait', {}, { visibility: 'everyone' })
  await publish('mo/landscape', { title: 'Landscape', categories: ['upscaling'] }, { visibility: 'everyone' })
  await publish('mo/secret')
  const { status, text } = await site.signedIn(site.admin).get(`/models${query}`)
  expect(status).toBe(200)
  const shown = ['mo/landscape', 'mo/portrait', 'mo/secret'].filter((id) =>
    text.includes(`href="/models/${id}"`),
  )
  expect(shown).toEqual(ids)
  expect(text.includes('No model fits')).toBe(ids.length === 0)
})

it('what is no JSON object is refused, and changes nothing', async () => {
  const { browser } = author(await startSite())
  for (const body of ['{', '1', 'null'])
    expect(
      (
        await browser.ask('/models/new', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        })
      ).status,
    ).toBe(400)
})
