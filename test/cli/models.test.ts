import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { publishModel } from '~/db/model-publications'
import { createModelRequest } from '~/db/model-requests'
import { chooseUsername, type User } from '~/db/users'
import { SOMEBODY } from '../support/actors'
import { CANARY, ME } from './fake-login-server'
import { mainWith } from './main-with'
import { CANCEL, FILE, inTurn, modelCli, modelServer, RESULT, STATUS, status } from './model-cli'
import { startCliSite } from './site'

const at = (url: string, ...args: string[]) =>
  mainWith(args, { env: { HOME: '/nonexistent', RUNCOMFY_WEB_BASE: url, RUNCOMFY_TOKEN: CANARY } })

const MODEL = {
  model_id: 'ana/flux',
  display_name: 'Flux',
  description: 'Makes\u001b[2J pictures.',
  categories: ['image'],
  base_price_usd: 0,
  inputs: ['prompt', 'steps'],
  required_inputs: ['prompt'],
  model_url: 'https://slipway.test/models/ana/flux',
}

it('lists models as a table, as JSON as it came, and asks for what was asked for', async () => {
  const query = '?search=a+b&category=image&kind=workflow&limit=1&offset=0&include_schema=true'
  const body = { models: [MODEL], total: 3 }
  const server = await modelServer({
    [`/v1/models${query}`]: { body },
    '/v1/models?limit=100&offset=0': { body: { models: [], total: 0 } },
    '/v1/models/categories': { body: { categories: ['image', 'video'] } },
  })
  const asked = [
    '--search',
    'a b',
    '--category',
    'image',
    '--kind',
    'workflow',
    '--include-schema',
    '--limit',
    '1',
  ]
  const [table, json, empty, categories] = await Promise.all([
    at(server.url, 'models', 'list', ...asked),
    at(server.url, 'models', 'list', ...asked, '--output', 'json'),
    at(server.url, 'models', 'ls'),
    at(server.url, 'models', 'categories'),
  ])
  expect(table).toMatchObject({
    code: 0,
    stdout: 'MODEL     NAME  CATEGORIES  INPUTS\nana/flux  Flux  image       prompt*, steps\n',
    stderr: '[models] 3 in all. The next: --offset 1\n',
  })
  expect([JSON.parse(json.stdout), json.stderr]).toEqual([body, ''])
  expect(empty.stdout).toBe('No such models. Publish one: runcomfy models publish --help\n')
  expect(categories.stdout).toBe('image\nvideo\n')
  expect(server.asked.every(({ headers }) => headers.authorization === `Bearer ${CANARY}`)).toBe(true)
})

it('shows what a model takes and gives', async () => {
  const input_schema = {
    properties: {
      prompt: { type: 'string', title: 'Prompt' },
      steps: { type: 'integer', minimum: 1, maximum: 50, default: 20, description: 'How long.' },
      style: { type: 'string', enum: ['ink', 'oil'] },
      image: { type: 'string', format: 'uri', contentMediaType: 'image/*' },
    },
    required: ['prompt'],
  }
  const body = { ...MODEL, input_schema, outputs: [{ name: 'images', title: 'Pictures' }] }
  const server = await modelServer({ '/v1/models/ana/flux': { body } })
  const { code, stdout } = await at(server.url, 'models', 'get', 'ana/flux')
  expect([code, stdout]).toEqual([
    0,
    `Model       ana/flux
Name        Flux
About       Makes pictures.
Categories  image
Page        https://slipway.test/models/ana/flux
Inputs      prompt: string, required. Prompt
            steps: integer, from 1 to 50, default 20. How long.
            style: string, one of ink, oil
            image: image/*
Outputs     images: Pictures
`,
  ])
})

it('status, result and cancel print what the server says, by both of their names', async () => {
  const body = { request_id: 'r1', status: 'in_progress', stage: 'running' }
  const server = await modelServer({ [STATUS]: { body }, [CANCEL]: inTurn({ cut: 'before' }, CANCELLED) })
  const [one, other, result, cancelled] = await Promise.all([
    at(server.url, 'status', 'r1'),
    at(server.url, 'requests', 'get', 'r1', '--output', 'json'),
    at(server.url, 'result', 'r1'),
    at(server.url, 'requests', 'cancel', 'r1'),
  ])
  expect(one).toMatchObject({ code: 0, stdout: `${JSON.stringify(body, null, 2)}\n` })
  expect(other).toMatchObject({ code: 0, stdout: `${JSON.stringify(body)}\n` })
  expect(JSON.parse(result.stdout)).toMatchObject({ status: 'completed' })
  expect(result.stdout).not.toContain('files"')
  expect([cancelled.code, JSON.parse(cancelled.stdout)]).toEqual([0, CANCELLED.body])
  expect(server.at(FILE)).toEqual([])
})
const CANCELLED = status('cancelled', { outcome: 'cancelled' })

it('a request that has ended can’t be cancelled: exit code 1; one that isn’t done has nothing to fetch', async () => {
  const server = await modelServer({
    [CANCEL]: status('completed', { outcome: 'not_cancellable' }),
    '/v1/requests/r2/result': status('in_progress', { output: null }),
  })
  const { folder, files } = modelCli(server.url)
  const [cancel, early, fetched] = await Promise.all([
    at(server.url, 'cancel', 'r1'),
    at(server.url, 'result', 'r2', '--download', '--output-dir', folder),
    at(server.url, 'result', 'r1', '--download', '--output-dir', folder),
  ])
  expect([cancel.code, cancel.stderr]).toEqual([1, 'Error: The request r1 has ended already: completed.\n'])
  expect([early.code, early.stdout, early.stderr]).toEqual([1, '', expect.stringContaining('not done yet')])
  expect([fetched.code, files()]).toEqual([0, ['a.png']])
  expect(server.at(RESULT)).toHaveLength(1)
})

it('whoami says the username when there is one', async () => {
  const server = await modelServer({ '/api/auth/me': { body: { ...ME, username: 'ana' } } })
  expect((await at(server.url, 'whoami')).stdout).toContain('\nusername: ana\n')
})

const WORKFLOW = {
  '3:1': { class_type: 'KSampler', inputs: { seed: 5, steps: 20, model: ['4', 0], positive: ['6', 0] } },
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'flux.safetensors' } },
  '6': {
    class_type: 'CLIPTextEncode',
    inputs: { text: 'a cat', clip: ['4', 1] },
    _meta: { title: 'Prompt' },
  },
  '9': { class_type: 'SaveImage', inputs: { images: ['3:1', 0], filename_prefix: 'x' } },
}

/** A server with its administrator, and a workflow in a file. */
async function authorSite() {
  const { site, home, envOf } = await startCliSite()
  const workflow = join(home, 'workflow.json')
  writeFileSync(workflow, JSON.stringify(WORKFLOW))
  const runcomfy = (user: User, args: string[], stdin = '') => mainWith(args, { env: envOf(user), stdin })
  const models = (args: string[], stdin = '') => runcomfy(site.admin, ['models', ...args], stdin)
  return { site, home, workflow, runcomfy, models }
}

it('somebody gets from a workflow to a model, its versions and back by the command line alone', async () => {
  const { home, workflow, models } = await authorSite()
  const read = await models(['read', '--workflow', workflow])
  for (const words of [
    'prompt=6.text:text',
    'seed=3:1.seed:seed',
    'images=9',
    'flux.safetensors  models/checkpoints',
  ])
    expect(read.stdout).toContain(words)

  const marks = [
    '--in',
    'prompt=6.text',
    '--in',
    'seed=3:1.seed',
    '--in',
    'steps=3:1.steps:number',
    '--out',
    'images=9',
  ]
  const source = ['--source', 'flux.safetensors=https://huggingface.co/a/b/resolve/main/flux.safetensors']
  const publish = ['publish', 'ana/flux', '--workflow', workflow]
  const nameless = await models([...publish, ...marks])
  expect([nameless.code, nameless.stderr]).toEqual([
    65,
    expect.stringContaining('runcomfy models username <name>'),
  ])
  expect(await models(['username', 'ana'])).toMatchObject({ code: 64, stdout: '' })
  expect(await models(['username', 'ana', '--yes'])).toMatchObject({ code: 0 })

  const dry = await models([
    ...publish,
    ...marks,
    ...source,
    '--title',
    'Flux',
    '--category',
    'image',
    '--dry-run',
  ])
  expect(JSON.parse(dry.stdout)).toEqual({
    title: 'Flux',
    categories: ['image'],
    inputs: [
      { name: 'prompt', title: 'Prompt: text', type: 'text', node: '6', field: 'text' },
      { name: 'seed', title: 'seed', type: 'seed', node: '3:1', field: 'seed' },
      { name: 'steps', title: 'steps', type: 'number', node: '3:1', field: 'steps' },
    ],
    outputs: [{ name: 'images', node: '9', title: 'SaveImage' }],
    sources: [
      {
        name: 'flux.safetensors',
        folder: 'models/checkpoints',
        source: 'https://huggingface.co/a/b/resolve/main/flux.safetensors',
      },
    ],
  })
  const definition = join(home, 'flux.model.json')
  writeFileSync(definition, dry.stdout)
  expect(await models(['versions', 'ana/flux'])).toMatchObject({ code: 65, stdout: '' })
  expect(await models([...publish, ...marks])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Published ana\/flux, version 1\.\n/),
  })
  const second = [...publish, '--definition', definition, '--visibility', 'everyone', '--output', 'json']
  expect((await models(second)).stdout).toBe('{"id":"ana/flux","version":2}\n')
  expect(await models(['use', 'ana/flux', '1'])).toMatchObject({ code: 0 })
  const versions = await models(['versions', 'ana/flux', '--output', 'json'])
  expect(JSON.parse(versions.stdout)).toMatchObject([
    { version: 2, title: 'Flux' },
    { version: 1, title: 'flux' },
  ])
  expect(await models(['withdraw', 'ana/flux'])).toMatchObject({ code: 64 })
  expect(await models(['withdraw', 'ana/flux', '-y'])).toMatchObject({ code: 0 })
  expect(await models(['use', 'ana/flux', '9'])).toMatchObject({ code: 65 })
})

it('a workflow, marks and definitions that are wrong are refused with what to do', async () => {
  const { site, home, workflow, models } = await authorSite()
  chooseUsername(site.db, site.admin.id, 'ana', SOMEBODY, site.clock)
  const bad = join(home, 'bad.json')
  const input = { name: 'prompt', title: 'P', type: 'choice', node: '7', field: 'text' }
  writeFileSync(
    bad,
    JSON.stringify({ title: 'x', inputs: [input], outputs: [{ name: 'o', title: 'O', node: '8' }] }),
  )
  const at = (...args: string[]) => models(['publish', 'ana/flux', '--workflow', workflow, ...args])
  const token = 'flux.safetensors=https://civitai.com/x?token=hf_CANARYgoodgoodgoodgood'
  const ended = await Promise.all([
    at(),
    at('--out', 'images'),
    at('--out', 'images=9', '--in', 'x=6.clip'),
    at('--out', 'images=9', '--source', 'other=https://x'),
    at('--out', 'images=9', '--source', token),
    at('--definition', bad),
    at('--definition', bad, '--title', 'x'),
    models(['publish', 'flux', '--workflow', workflow, '--out', 'images=9']),
    models(['publish', 'bob/flux', '--workflow', workflow, '--out', 'images=9']),
    models(['read', '--workflow', '/nonexistent/x']),
    models(['read', '--workflow', '-'], '{"nodes": [], "links": []}'),
  ])
  expect(ended.map(({ code }) => code)).toEqual([64, 64, 64, 64, 64, 65, 2, 64, 65, 66, 65])
  for (const [index, words] of [
    'runcomfy models read',
    '--out takes name=node.',
    'no value 6.clip',
    'of a file that the workflow loads',
    'There is a token',
    'definition.inputs.0.node: is no node of the workflow: 7\ndefinition.outputs.0.node: is no node of the workflow: 8',
    'cannot be used with',
    'slash',
    'your own username',
    '/nonexistent/x',
    'Export (API)',
  ].entries())
    expect(ended[index]?.stderr).toContain(words)
  expect(ended.map(({ stderr }) => stderr).join()).not.toContain('CANARY')
})

it('requests are listed, the newest first, and none of anybody else’s', async () => {
  const { site, runcomfy } = await authorSite()
  const { admin, member, db, clock } = site
  chooseUsername(db, admin.id, 'ana', SOMEBODY, clock)
  const definition = {
    title: 'Flux',
    outputs: [{ name: 'o', title: 'O', node: '9' }],
    inputs: [],
    sources: [],
  }
  publishModel(
    db,
    {
      userId: admin.id,
      id: 'ana/flux',
      workflow: WORKFLOW,
      definition: { ...definition, description: '', categories: [] },
    },
    SOMEBODY,
    clock,
  )
  const call = { modelId: 'ana/flux', version: 1, inputs: {}, given: {}, idempotencyKey: undefined }
  const { id } = createModelRequest(db, { ...call, userId: admin.id }, { queuedMax: 9, limits: {}, clock })
  const [mine, theirs, none] = await Promise.all([
    runcomfy(admin, ['requests', 'list']),
    runcomfy(member, ['requests', 'ls', '--output', 'json']),
    runcomfy(admin, ['requests', 'ls', '--model', 'ana/other']),
  ])
  expect(mine.stdout).toMatch(
    new RegExp(`^ID .*\\n${id}  ana/flux  in_queue  .*Waiting for a machine\\.\\n$`),
  )
  expect(theirs.stdout).toBe('[]\n')
  expect(none.stdout).toContain('No requests yet.')
})
