import { describe, expect, it, onTestFinished, test } from 'vitest'
import { listProviderTokens } from '~/db/provider-tokens'
import { type FakeHub, startFakeHub } from '../fakes/hub'
import { checkingWorker } from '../web/checking-worker'
import type { Ran } from './run-command'
import { startCliSite } from './site'

const TOKEN = 'hf_CANARYfirst0123456789'
const SECOND = 'hf_CANARYsecond0123456789'
const DEAD = 'hf_CANARYdead0123456789'

const whole = ({ stdout, stderr, commandLine }: Ran) => `${stdout}\n${stderr}\n${commandLine}`

/** A site that asks a stand-in for the Hub, whose jobs are done by the worker's own code when there is a worker. */
async function siteWithHub({ worker = true, env = {} as Record<string, string> } = {}) {
  const hub = await startFakeHub({
    tokens: [TOKEN, SECOND],
    repos: {
      'open/model': { files: { 'x.bin': 'x' } },
      'gated/model': { files: { 'x.bin': 'x' }, gated: true, allowed: [TOKEN] },
    },
  })
  onTestFinished(hub.close)
  const checking = checkingWorker()
  const cli = await startCliSite({
    onJob: checking.onJob,
    env: { TOKEN_CHECKS: 'on', HF_ENDPOINT: hub.url, DOWNLOAD_HOSTS: hub.storage.host, ...env },
  })
  const { db, admin, jobs } = cli.site
  if (worker) checking.begin(cli.site)
  const run = (args: string[], options?: Parameters<typeof cli.runcomfy>[2]) =>
    cli.runcomfy(admin, ['provider-tokens', ...args], options)
  const set = (token: string, ...more: string[]) => run(['set', 'huggingface', ...more], { stdin: token })
  const visible = () => listProviderTokens(db, admin.id).map((row) => row.visible)
  return { ...cli, admin, hub, jobs, run, set, visible }
}

describe('set', () => {
  it('saves what comes over stdin, without the blanks around it, and says what the issuer says', async () => {
    const { set, run, visible } = await siteWithHub()
    const said = await set(` ${TOKEN}\n\n`)
    expect(said).toMatchObject({
      code: 0,
      stdout: 'The Hugging Face token is saved. Valid: ada, read.\n',
      stderr: '',
    })
    expect(visible()).toEqual([TOKEN.slice(0, 6)])
    const json = await run(['set', 'hf', '--output', 'json'], { stdin: SECOND })
    expect(json.stdout.trim().split('\n')).toHaveLength(1)
    expect(JSON.parse(json.stdout)).toMatchObject({ check: { state: 'valid', account: 'ada' }, keeping: [] })
  })

  const GIVEN: [as: string, args: string[]][] = [
    ['a further argument', ['set', 'huggingface', TOKEN]],
    ['an option', ['set', 'huggingface', '--token', TOKEN]],
    ['an option in one word', ['set', 'huggingface', `--token=${TOKEN}`]],
    ['an argument after --', ['set', 'huggingface', '--', TOKEN]],
    ['the provider', ['set', TOKEN]],
    ['the provider to check', ['check', TOKEN]],
  ]
  it('refuses a token as any argument, and does not repeat it', async () => {
    const { run, visible } = await siteWithHub({ worker: false })
    for (const mode of ['pretty', 'json'])
      await Promise.all(
        GIVEN.map(async ([as, args]) => {
          const { code, stdout, stderr } = await run([...args, '--output', mode], { stdin: TOKEN })
          expect([as, code, stdout]).toEqual([as, 64, ''])
          expect(stderr).toMatch(/prompt|whose token/)
          expect(stderr).not.toContain('CANARY')
        }),
      )
    expect(visible()).toEqual([])
  })

  const REFUSED: [what: string, stdin: string, code: number, sentence: RegExp][] = [
    ['nothing', '', 64, /No token came/],
    ['blanks', ' \n\t\n', 64, /No token came/],
    ['a file', `hf_${'x'.repeat(40_000)}`, 64, /far longer than a token/],
    ['no token', 'no-prefix', 65, /begins with hf_/],
    ['two of them', `${TOKEN}\n${SECOND}`, 65, /no blanks or line breaks inside/],
    ['what the issuer refuses', DEAD, 77, /refuses this token.*--anyway/],
  ]
  it('refuses what is no token, and what the issuer refuses', async () => {
    const { set, visible } = await siteWithHub({ worker: false })
    await Promise.all(
      REFUSED.map(async ([what, stdin, code, sentence]) => {
        const ran = await set(stdin)
        expect([what, ran]).toMatchObject([
          what,
          { code, stdout: '', stderr: expect.stringMatching(sentence) },
        ])
        expect(whole(ran)).not.toContain('CANARY')
      }),
    )
    expect(visible()).toEqual([])
  })

  it('saves what the issuer refuses with --anyway', async () => {
    const { set, visible } = await siteWithHub()
    const ran = await set(DEAD, '--anyway')
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('Refused: ') })
    expect(visible()).toEqual([DEAD.slice(0, 6)])
  })

  it('names the machines that hold the older value, and relaunches them with --relaunch', async () => {
    const { site, admin, set, jobs } = await siteWithHub()
    await set(TOKEN)
    const id = site.runMachine(admin, { name: 'Studio' })
    expect((await set(SECOND)).stdout).toContain(
      `Studio (${id}) still holds the older value. Relaunch it: runcomfy machines relaunch ${id}\n`,
    )
    const { stdout, code } = await set(SECOND, '--relaunch', '--output', 'json')
    const { machines } = JSON.parse(stdout)
    expect([code, machines]).toEqual([0, [{ id: expect.any(String), replaces: id }]])
    expect(jobs).toContainEqual({ job: 'stop', machineId: id, attempt: 1 })
  })
})

it('set says that the token is saved when the machines may not be relaunched', async () => {
  const { run, visible } = await siteWithHub()
  const scopes = ['provider-tokens:write']
  const { code, stdout, stderr } = await run(['set', 'hf', '--relaunch'], { stdin: TOKEN, scopes })
  expect([code, stdout]).toEqual([77, ''])
  expect(stderr).toMatch(/^Error: The token is saved, but the machines were not relaunched: .*machines:write/)
  expect(visible()).toEqual([TOKEN.slice(0, 6)])
})

describe('clear', () => {
  it('asks for --yes where nobody can be asked, and then forgets it', async () => {
    const { site, admin, set, run, visible } = await siteWithHub()
    await set(TOKEN)
    const id = site.runMachine(admin, { name: 'Studio' })
    expect(await run(['clear', 'hf'])).toMatchObject({ code: 64, stderr: expect.stringContaining('--yes') })
    expect(visible()).toHaveLength(1)
    expect(await run(['clear', 'hf', '-y'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`Studio (${id}) still holds`),
    })
    expect(visible()).toEqual([])
  })
})

describe('check ends with', () => {
  type Asked = [code: number, what: string, args: string[], prepare?: (hub: FakeHub) => void]
  test.each<[string, Asked[], string[]?]>([
    [
      'a token that is good',
      [
        [0, 'the token', []],
        [0, 'a model that opens', ['--model', 'gated/model']],
        [65, 'one that is not there', ['--model', 'no/model']],
        [65, 'what is no model', ['--model', 'https://evil.example/a/b']],
        [75, 'an issuer that can’t be asked', [], (hub) => hub.misbehaveApi({ status: 500 })],
      ],
      [TOKEN],
    ],
    ['one that its issuer refuses', [[77, 'the token', []]], [DEAD, '--anyway']],
    ['one without consent to terms', [[77, 'a model', ['--model', 'gated/model']]], [SECOND]],
    ['none', [[65, 'the token', []]]],
  ])('the code of what is found, with %s', async (_which, asked, saved) => {
    const { site, hub, set, run } = await siteWithHub()
    const [token, ...more] = saved ?? []
    if (token) await set(token, ...more)
    for (const [code, what, args, prepare] of asked) {
      prepare?.(hub)
      site.clock.advance(1000)
      const ran = await run(['check', 'huggingface', ...args])
      expect([what, ran.code, ran.stderr === '']).toEqual([what, code, code === 0])
      expect(whole(ran)).not.toContain('CANARY')
    }
  })

  it('one line of JSON on stdout, and the reason as another on stderr, in json mode', async () => {
    const { site, set, run } = await siteWithHub()
    await set(DEAD, '--anyway')
    site.clock.advance(1000)
    const { code, stdout, stderr } = await run(['check', 'hf', '--output', 'json'])
    expect([code, JSON.parse(stdout)]).toMatchObject([77, { check: { state: 'refused' }, message: null }])
    expect(JSON.parse(stderr)).toEqual({ error: expect.stringContaining('Refused: ') })
  })

  it('75 without a worker, and where checks are off', async () => {
    const alone = await siteWithHub({ worker: false })
    const off = await siteWithHub({ env: { TOKEN_CHECKS: 'off' } })
    for (const { set, run } of [alone, off]) {
      await set(TOKEN)
      for (const args of [[], ['--model', 'open/model']])
        expect(await run(['check', 'hf', ...args])).toMatchObject({
          code: 75,
          stderr: expect.stringMatching(/No worker is running|Checks are off/),
        })
    }
  })
})

it('ls lists every provider, saved or not, masked, with the machines that hold an older value', async () => {
  const { site, admin, set, run } = await siteWithHub()
  await set(TOKEN)
  const id = site.runMachine(admin, { name: 'Studio' })
  await set(SECOND)
  const { code, stdout } = await run(['ls'])
  expect(code).toBe(0)
  expect(stdout.split('\n')).toEqual([
    expect.stringMatching(/^PROVIDER +TOKEN +SAVED +CHECK$/),
    `huggingface  hf_CAN${'•'.repeat(16)}  2026-01-01  Valid: ada, read.`,
    'civitai      not saved',
    `Studio (${id}) still holds the older value. Relaunch it: runcomfy machines relaunch ${id}`,
    '',
  ])
  const rows = JSON.parse((await run(['ls', '--output', 'json'])).stdout)
  expect(rows).toMatchObject([
    { provider: 'huggingface', saved: true, holders: [{ machineId: id, holds: 'older' }] },
    { provider: 'civitai', saved: false },
  ])
})

it('fault 59: whatever goes wrong, and however much it tells, no token is in what it writes', async () => {
  const { site, run, hub } = await siteWithHub()
  const answers: string[] = []
  for (const fault of [
    undefined,
    { status: 500, body: TOKEN },
    { status: 200, body: `"${TOKEN}"` },
  ] as const) {
    hub.misbehaveApi(fault)
    for (const verb of ['set', 'check']) {
      site.clock.advance(1000)
      answers.push(whole(await run([verb, 'hf', '-vv'], { stdin: TOKEN })))
    }
  }
  const away = { stdin: TOKEN, env: { RUNCOMFY_WEB_BASE: 'http://127.0.0.1:9' } }
  answers.push(whole(await run(['set', 'hf', '-vv'], away)))
  expect(answers.at(-1)).toContain("can't be reached")
  expect(answers.join('\n')).not.toContain('CANARYfirst')
  expect(answers.join('\n')).toContain('POST')
})
