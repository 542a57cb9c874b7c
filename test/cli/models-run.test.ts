import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import { EXIT, Interrupted } from '~/cli/exits'
import { until } from '../support/until'
import { CANARY } from './fake-login-server'
import { CANCEL, FILE, inTurn, modelCli, modelServer, RESULT, STATUS, status } from './model-cli'
import { COMMAND, runCommand } from './run-command'
import { running } from './running'

const MODEL = '/v1/models/ana/flux'

it('sends the inputs, asks at once and then after each pause, tells each news once, and fetches what came', async () => {
  const server = await modelServer({
    [STATUS]: inTurn(
      status('in_queue', { queue_position: 2, message: 'Waiting for its turn.' }),
      status('in_queue', { queue_position: 2, message: 'Waiting for its turn.' }),
      status('in_queue', { queue_position: 0, message: 'The machine Flux is starting.' }),
      status('in_progress', { stage: 'downloading', progress: 0.11, message: 'Downloading flux.gguf.' }),
      status('in_progress', { stage: 'downloading', progress: 0.19, message: 'Downloading flux.gguf.' }),
      status('in_progress', { stage: 'running', progress: 0.5 }),
      status('completed'),
    ),
  })
  const { run, said, pauses, files, pathOf } = modelCli(server.url)
  expect(await run({ input: '{"prompt": "a lighthouse"}' })).toBeUndefined()
  expect(server.at(MODEL)).toMatchObject([
    {
      method: 'POST',
      body: '{"prompt":"a lighthouse"}',
      headers: {
        authorization: `Bearer ${CANARY}`,
        'content-type': 'application/json',
        'idempotency-key': expect.stringMatching(/^[\da-f-]{36}$/),
      },
    },
  ])
  expect(pauses).toEqual(Array(6).fill(2000))
  expect(said.stderr.split('\n')).toEqual([
    '[run] The request is r1.',
    '[run] Waiting for its turn. 2 before it.',
    '[run] The machine Flux is starting.',
    '[run] Downloading flux.gguf. 11 %',
    '[run] Running. 50 %',
    `[file] ${pathOf('a.png')}, 9 B`,
    '',
  ])
  expect(files()).toEqual(['a.png'])
  const output = { images: [`${server.url}${FILE}`] }
  expect(JSON.parse(said.stdout)).toEqual({
    request_id: 'r1',
    status: 'completed',
    output,
    files: [{ url: output.images[0], path: pathOf('a.png'), bytes: 9 }],
  })
})

it('in json mode says one line of JSON and nothing of its progress, and --no-download fetches nothing', async () => {
  const server = await modelServer({ [STATUS]: inTurn(status('in_queue'), status('completed')) })
  const { run, said, files } = modelCli(server.url, { json: true })
  expect(await run({ download: false })).toBeUndefined()
  expect(said.stderr).toBe('')
  expect(said.stdout).toMatch(/^\{.*\}\n$/)
  expect(JSON.parse(said.stdout)).not.toHaveProperty('files')
  expect([files(), server.at(FILE)]).toEqual([[], []])
})

it('--no-wait prints the id and asks no more', async () => {
  const server = await modelServer()
  const { run, said } = modelCli(server.url, { json: true })
  expect(await run({ wait: false, idempotencyKey: 'mine' })).toBeUndefined()
  expect(said.stdout).toBe('{"request_id":"r1","wait":false}\n')
  expect(server.asked.map(({ path }) => path)).toEqual([MODEL])
  expect(server.at(MODEL)[0]?.headers['idempotency-key']).toBe('mine')
})

it('a call whose answer was lost is sent again with the same key', async () => {
  const server = await modelServer({
    [MODEL]: inTurn({ cut: 'before' }, { ...status('in_queue'), cut: 'half-way' }, status('in_queue')),
  })
  expect(await modelCli(server.url).run()).toBeUndefined()
  const keys = server.at(MODEL).map(({ headers }) => headers['idempotency-key'])
  expect(keys).toHaveLength(3)
  expect(new Set(keys).size).toBe(1)
})

it('waits for a server that is away as long as that says, and goes on where it was', async () => {
  const away = { status: 503, headers: { 'retry-after': '7' }, body: { error: 'An upgrade goes on.' } }
  const server = await modelServer({
    [STATUS]: inTurn(
      away,
      { cut: 'before' },
      { ...status('in_progress'), headers: { 'retry-after': '30' } },
      status('completed'),
    ),
    [RESULT]: inTurn({ status: 502, body: '<html>' }, status('completed', { output: {} })),
  })
  const { run, pauses } = modelCli(server.url)
  expect(await run()).toBeUndefined()
  expect(pauses).toEqual([7000, 1000, 30_000, 500])
})

it.each([
  ['failed', 'The request r1 failed. The machine lacks nodes. Install them.'],
  ['cancelled', 'The request r1 was cancelled.'],
  ['canceled', 'The request r1 was cancelled.'],
  ['pondering\u001b[2J', 'The server says “pondering” of the request'],
])('a request that is %j ends with exit code 1, and says why', async (word, sentence) => {
  const error = 'The machine lacks nodes.\nInstall them.'
  const server = await modelServer({
    [STATUS]: status(word),
    [RESULT]: status(word, { output: null, error }),
  })
  const { run, said } = modelCli(server.url)
  const ended = await run()
  expect(ended).toMatchObject({ exit: EXIT.failed, message: expect.stringContaining(sentence) })
  expect(said.stdout).toBe('')
})

it.each([
  [400, EXIT.badInput],
  [401, EXIT.notAllowed],
  [403, EXIT.notAllowed],
  [404, EXIT.badInput],
  [409, EXIT.badInput],
  [429, EXIT.tryAgain],
  [500, EXIT.upstream],
  [503, EXIT.upstream],
])(
  'a call that is refused with %i ends with %i and the server’s own words, sent once',
  async (code, exit) => {
    const server = await modelServer({ [MODEL]: { status: code, body: { error: 'No such luck' } } })
    expect(await modelCli(server.url).run()).toMatchObject({
      exit,
      message: expect.stringMatching(/^No such luck\./),
    })
    expect(server.asked).toHaveLength(1)
  },
)

it('inputs that don’t fit end with 65 and each fault on a line', async () => {
  const errors = [
    { field: 'prompt', message: 'is missing' },
    { field: '', message: 'is no input of this model' },
    { field: 'seed\n', message: 'must be\u001b[31m a whole number' },
  ]
  const server = await modelServer({ [MODEL]: { status: 422, body: { error: 'All of it.', errors } } })
  expect(await modelCli(server.url).run()).toMatchObject({
    exit: EXIT.badInput,
    message:
      'The server refused this:\nprompt: is missing\nis no input of this model\nseed : must be a whole number',
  })
})

it('a folder that nothing can be put into is refused before anything is asked', async () => {
  const server = await modelServer()
  const { run } = modelCli(server.url)
  expect(await run({ outputDir: '/dev/null/x' })).toMatchObject({ exit: EXIT.noFile })
  expect(server.asked).toEqual([])
})

describe('Ctrl-C', () => {
  it('while the call is sent finds the request by its key, and cancels it', async () => {
    const server = await modelServer({ [MODEL]: inTurn({ stall: 'before' }, status('in_queue')) })
    const { run, interrupt } = modelCli(server.url)
    const ended = run()
    await until('the call is there', () => server.at(MODEL).length)
    interrupt()
    expect(await ended).toBeInstanceOf(Interrupted)
    expect(await ended).toMatchObject({
      exit: EXIT.failed,
      message: 'Interrupted: the request r1 was cancelled.',
    })
    const [first, second] = server.at(MODEL).map(({ headers }) => headers['idempotency-key'])
    expect(second).toBe(first)
    expect(server.at(CANCEL)).toMatchObject([{ method: 'POST', body: '' }])
  })

  it('while it waits cancels the request once; one that has ended already is said to have', async () => {
    for (const [answer, sentence] of [
      [status('cancelled', { outcome: 'cancelled' }), 'the request r1 was cancelled.'],
      [
        status('completed', { outcome: 'not_cancellable' }),
        'the request r1 had ended before it could be cancelled: completed. What came out: runcomfy result r1 --download',
      ],
    ] as const) {
      const server = await modelServer({ [STATUS]: { stall: 'before' }, [CANCEL]: answer })
      const { run, interrupt } = modelCli(server.url)
      const ended = run()
      await until('it asks', () => server.at(STATUS).length)
      interrupt()
      expect(await ended).toMatchObject({ exit: EXIT.failed, message: `Interrupted: ${sentence}` })
      expect(server.at(CANCEL)).toHaveLength(1)
    }
  })

  it('says how to cancel it when the server can’t be asked to', async () => {
    const server = await modelServer({ [STATUS]: { stall: 'before' }, [CANCEL]: { cut: 'before' } })
    const { run, interrupt } = modelCli(server.url)
    const ended = run()
    await until('it asks', () => server.at(STATUS).length)
    interrupt()
    expect(await ended).toMatchObject({
      exit: EXIT.failed,
      message: expect.stringMatching(/may go on.*To cancel it: runcomfy cancel r1$/),
    })
  })

  it('while a file comes leaves nothing of it, and cancels nothing that is done', async () => {
    const server = await modelServer({ [FILE]: { body: 'a picture', stall: 'half-way' } })
    const { run, interrupt, files, said } = modelCli(server.url)
    const ended = run()
    await until('some of it is there', () => files().some((name) => name.endsWith('.part')))
    interrupt()
    await ended
    expect(files()).toEqual([])
    expect(server.at(CANCEL)).toEqual([])
    expect(said.stderr).toContain('runcomfy result r1 --download')
  })

  test('of a process: exit code 1; a second one ends it at once', async () => {
    const server = await modelServer({
      [STATUS]: status('in_progress'),
      [CANCEL]: inTurn(status('cancelled', { outcome: 'cancelled' }), { stall: 'before' }),
    })
    const env = {
      NODE_ENV: 'test' as const,
      HOME: '/nonexistent',
      RUNCOMFY_WEB_BASE: server.url,
      RUNCOMFY_TOKEN: CANARY,
    }
    const first = running((options) => runCommand(['run', 'ana/flux'], { ...options, env }))
    await first.hasSaid('in_progress')
    first.interrupt()
    expect(await first.ended).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('Error: Interrupted: the request r1 was cancelled.\n'),
    })
    const second = spawn(process.execPath, [COMMAND, 'run', 'ana/flux'], { env, stdio: 'ignore' })
    onTestFinished(() => void second.kill('SIGKILL'))
    await until('it waits', () => server.at(STATUS).length >= 2)
    second.kill('SIGINT')
    await until('it asks to cancel', () => server.at(CANCEL).length === 2)
    second.kill('SIGINT')
    expect(await once(second, 'close')).toEqual([null, 'SIGINT'])
  })
})
