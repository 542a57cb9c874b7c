import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { afterEach, beforeAll, describe, expect, it, onTestFinished, test } from 'vitest'
import { stopMachine } from '~/db/machine-requests'
import { machines } from '~/db/schema'
import type { DownloadView } from '~/filebrowser/contract'
import { type FakeHub, startFakeHub } from '../fakes/hub'
import { startFilebrowser } from '../filebrowser/harness'
import { SOMEBODY } from '../support/actors'
import { until } from '../support/until'
import { startUpstream } from '../web/upstream'
import type { RunOptions } from './run-command'
import { startCliSite } from './site'

const TOKEN = 'hf_CANARYgoodgoodgoodgood'
const MODEL = randomBytes(1_000_000)
const HOSTILE = 'a\u001b]52;c;aGk=\u0007\u001b[2J\u202egpj\n[forged] x.safetensors'
const ESCAPES = ['\u001b', '\u0007', '\u202e']

let hub: FakeHub
beforeAll(async () => {
  const files = { 'one.safetensors': MODEL, 'two.safetensors': Buffer.concat([MODEL, MODEL]) }
  hub = await startFakeHub({
    tokens: [TOKEN],
    repos: {
      'open/model': { files, licence: 'mit' },
      'gated/model': { files, gated: true, allowed: [] },
    },
  })
  return () => hub.close()
})
afterEach(() => {
  hub.misbehave(undefined)
  hub.misbehaveApi(undefined)
})

const address = (path: string) => `https://huggingface.co/${path}`
const ONE = address('open/model/resolve/main/one.safetensors')
const TWO = address('open/model/resolve/main/two.safetensors')

/** A running machine of the admin's with a real file manager, whose requests may go through the test's hands. */
async function siteWithFiles({
  way,
  kept = {},
}: {
  way?: typeof cutting
  kept?: Record<string, string>
} = {}) {
  const env = { HF_ENDPOINT: hub.url, DOWNLOAD_HOSTS: hub.storage.host, ...kept }
  const files = await startFilebrowser({ env })
  const { site, runcomfy } = await startCliSite({ env: { MACHINES_DOMAIN: 'localhost' } })
  const { admin } = site
  const machine = site.runMachine(admin, {
    name: 'Studio',
    address: way ? await way(files.origin) : files.origin,
  })
  const run = (args: string[], options: RunOptions & { scopes?: string[] } = {}) =>
    runcomfy(admin, ['downloads', ...args], options)
  const ask = (...args: Parameters<typeof files.call>) => files.call(...args).then(({ json }) => json)
  return { ...files, site, admin, machine, run, ask, runcomfy }
}

/** Leads to a file manager; the first two streams of events break off after what they tell first. */
async function cutting(origin: string): Promise<string> {
  const { host } = new URL(origin)
  let cuts = 0
  const forward = (asked: IncomingMessage, response: ServerResponse) => {
    const headers = { ...asked.headers, host, origin }
    const onward = request(`${origin}${asked.url}`, { method: asked.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      const isCut = asked.url === '/api/downloads/events' && cuts++ < 2
      if (isCut) answer.once('data', (first) => response.write(first, () => response.destroy()))
      else answer.pipe(response)
    })
    response.on('close', () => onward.destroy())
    onward.on('error', () => response.destroy())
    asked.pipe(onward)
  }
  const server = createServer(forward)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('add', () => {
  it('says what comes, follows it to its end, and gives the ids', async () => {
    const { machine, run, workspace } = await siteWithFiles()
    const { code, stdout, stderr } = await run(['add', machine, ONE, TWO, '--folder', 'models/loras', '-f'])
    expect([code, stderr]).toEqual([0, expect.stringContaining('[plan] - one.safetensors: 1.0 MB')])
    expect(stdout).toMatch(/^([0-9a-f-]{36}\n){2}$/)
    expect(stderr).toContain('[downloads] one.safetensors: done in models/loras, 1.0 MB')
    expect(MODEL.equals(await readFile(join(workspace, 'models/loras/one.safetensors')))).toBe(true)
    const again = await run(['add', machine, ONE])
    expect(again).toMatchObject({ code: 0, stdout: 'All of it is here already.\n' })
  })

  it('writes one line of JSON and no progress in json mode', async () => {
    const { machine, run } = await siteWithFiles()
    const { code, stdout, stderr } = await run([
      'add',
      machine,
      ONE,
      '--name',
      'my.safetensors',
      '--wait',
      '--output',
      'json',
    ])
    expect([code, stderr, stdout.trim().split('\n')]).toEqual([0, '', [expect.any(String)]])
    expect(JSON.parse(stdout)).toMatchObject({
      downloads: [{ name: 'my.safetensors', state: 'done', verified: 'sha256' }],
      refused: [],
    })
  })

  it('takes a whole repository, and says how many files it is', async () => {
    const { machine, run, filesOnDisk } = await siteWithFiles()
    const ran = await run(['add', machine, 'open/model', '-f'])
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining('2 added to Studio.') })
    expect(ran.stderr).toContain('Licence: mit')
    expect(await filesOnDisk()).toHaveLength(2)
  })

  it('--plan stops before anything is stored', async () => {
    const { machine, run, ask } = await siteWithFiles()
    const ran = await run(['add', machine, 'open/model', '--plan'])
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(ran.stdout).toContain('2 to download, 3.0 MB; ')
    const json = await run(['add', machine, address('gated/model'), '--plan', '--output', 'json'])
    expect([json.code, JSON.parse(json.stdout)]).toMatchObject([77, { gate: 'closed', title: 'gated/model' }])
    expect(await ask('GET', 'downloads')).toEqual([])
  })

  type Refused = [code: number, what: string, args: string[], sentence: RegExp]
  const REFUSED: Refused[] = [
    [
      77,
      'terms that nobody accepted',
      [address('gated/model/resolve/main/one.safetensors')],
      /https?:\/\/\S+gated\/model/,
    ],
    [65, 'a file that is not there', [address('open/model/resolve/main/no.bin')], /Error: \S/],
    [65, 'a host that is not allowed', ['https://evil.example/x.safetensors'], /evil\.example/],
    [65, 'a folder outside', [ONE, '--folder', '../outside'], /Error: \S/],
    [64, 'one name for two', [ONE, TWO, '--name', 'x'], /Leave --name out/],
    [64, 'a token in the address', [`${ONE}?token=${TOKEN}`], /There is a token in what you gave/],
    [64, 'a token in place of an address', [TOKEN], /There is a token in what you gave/],
  ]
  it('ends with 77, 75, 65 or 64 and the reason for what can’t be had, and adds nothing', async () => {
    const { machine, run, ask } = await siteWithFiles({ kept: { HF_TOKEN: TOKEN } })
    const refused = async ([code, what, args, sentence]: Refused) => {
      const ran = await run(['add', machine, ...args, '-vv'])
      expect([what, ran.code, ran.stdout]).toEqual([what, code, ''])
      expect(ran.stderr).toMatch(sentence)
      expect(ran.stderr).not.toContain('CANARY')
    }
    await Promise.all(REFUSED.map(refused))
    hub.misbehaveApi({ status: 429, headers: { 'Retry-After': '600' } })
    await refused([75, 'a source that was asked too often', ['open/model'], /Try again in/])
    expect(await ask('GET', 'downloads')).toEqual([])
  })

  it('ends with 1 when only some of it can be had, and with 1 and the reason when some of it fails', async () => {
    const { machine, run } = await siteWithFiles()
    const some = await run(['add', machine, ONE, 'https://evil.example/x', '-f'])
    expect([some.code, some.stderr]).toEqual([
      1,
      expect.stringContaining('Warning: https://evil.example/x: '),
    ])
    hub.misbehave('html')
    const failed = await run(['add', machine, TWO, '-f', '--output', 'json'])
    expect([failed.code, JSON.parse(failed.stdout)]).toMatchObject([1, { downloads: [{ state: 'failed' }] }])
    expect(JSON.parse(failed.stderr).error).toMatch(
      /^1 of 1 downloads did not arrive\.\ntwo\.safetensors: failed/,
    )
  })

  it('texts from elsewhere move no cursor and begin no line', async () => {
    const file = {
      source: 'x',
      name: HOSTILE,
      detail: null,
      size: 1,
      sha256: null,
      folder: HOSTILE,
      pickle: true,
    }
    const planned = { ...file, present: { path: HOSTILE, same: false }, chosen: true, error: null }
    const error = {
      code: 'not_found',
      message: HOSTILE,
      link: { href: `https://${HOSTILE}`, label: HOSTILE },
    }
    const space = { free: 1, total: 1 }
    const plan = {
      title: HOSTILE,
      page: HOSTILE,
      licence: HOSTILE,
      gate: null,
      files: [planned],
      complete: true,
    }
    const view = {
      id: HOSTILE,
      state: 'failed',
      name: HOSTILE,
      folder: HOSTILE,
      received: 0,
      size: null,
      error,
    }
    const { address } = await startUpstream(({ url }, response) => {
      const answers: Record<string, unknown> = {
        '/api/preflight': { ...plan, space, notices: [HOSTILE], error: null },
        '/api/downloads': { downloads: [view], refused: [{ source: HOSTILE, error }] },
      }
      response.end(JSON.stringify(answers[url ?? '']))
    })
    const { site, runcomfy } = await startCliSite({ env: { MACHINES_DOMAIN: 'localhost' } })
    const machine = site.runMachine(site.admin, { address })
    for (const more of [['-f'], ['--plan']]) {
      const ran = await runcomfy(site.admin, ['downloads', 'add', machine, 'a/b', ...more])
      const written = `${ran.stdout}${ran.stderr}`
      expect(written).toContain('gpj')
      for (const sign of ESCAPES) expect(written).not.toContain(sign)
      for (const line of written.split('\n')) expect(line).not.toMatch(/^\[forged\]/)
    }
  })
})

describe('following', () => {
  it('goes on when the stream of events breaks off', async () => {
    const { machine, run } = await siteWithFiles({ way: cutting })
    const { code, stderr } = await run(['add', machine, ONE, '-f'])
    expect([code, stderr]).toEqual([0, expect.stringContaining('The connection was lost; trying again.')])
    expect(stderr).toContain('one.safetensors: done')
  })

  /** One that comes to a stop half-way, and somebody who follows it. */
  async function following() {
    const given = await siteWithFiles()
    hub.misbehave('stall')
    const leave = new AbortController()
    let said = ''
    const onOutput = (text: string) => {
      said += text
    }
    const ended = given.run(['add', given.machine, ONE, '-f'], { signal: leave.signal, onOutput })
    await until('it is being downloaded', () => said.includes('one.safetensors: downloading'))
    return { ...given, ended, leave }
  }

  it('ends with 65 and the cure when the machine is stopped meanwhile', async () => {
    const { site, admin, machine, ended } = await following()
    stopMachine(site.db, admin.id, machine, SOMEBODY, site.clock)
    const { code, stdout, stderr } = await ended
    expect([code, stdout]).toEqual([65, ''])
    expect(stderr).toContain('The machine is about to end.')
  })

  it('ends with 130 on Ctrl-C, and says that the downloads go on', async () => {
    const { machine, ended, leave, ask } = await following()
    leave.abort()
    const { code, stderr } = await ended
    expect([code, stderr]).toEqual([130, expect.stringContaining(`runcomfy downloads ls ${machine}`)])
    expect(await ask('GET', 'downloads')).toMatchObject([{ state: 'downloading' }])
  })

  it('ends when somebody cancels what is followed, and says so', async () => {
    const { ask, ended } = await following()
    await ask('POST', 'downloads/actions', { action: 'cancel', ids: 'all' })
    expect(await ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('one.safetensors: canceled'),
    })
  })
})

it('downloads are listed, paused, resumed, canceled and tried again by how their ids begin', async () => {
  const { machine, run, queue, until: wait, ask } = await siteWithFiles()
  expect(await run(['ls', machine])).toMatchObject({ code: 0, stdout: 'Studio has no downloads.\n' })
  hub.misbehave('stall')
  const { id } = await queue(ONE, 'input')
  await wait(id, ({ received }) => received > 0)
  const start = id.slice(0, 8)
  expect((await run(['ls', machine])).stdout).toMatch(
    new RegExp(`^${start}  one.safetensors +downloading +.+ of 1\\.0 MB +input`, 'm'),
  )
  const [unsure, both, short] = await Promise.all([
    run(['cancel', machine, start]),
    run(['cancel', machine, start, '--all', '-y']),
    run(['cancel', machine, start.slice(0, 3), '-y']),
  ])
  expect([unsure, both, short].map(({ code, stdout }) => [code, stdout])).toEqual(Array(3).fill([64, '']))
  expect(unsure.stderr).toContain('Cancel this download of Studio? What has arrived is removed.')
  expect(both.stderr).toContain('and not both')
  expect(short.stderr).toContain('first 4 characters')
  expect(await ask('GET', 'downloads')).toMatchObject([{ state: 'downloading' }])
  for (const [action, state] of [
    ['pause', 'paused'],
    ['cancel', 'canceled'],
  ] as const) {
    const ran = await run([
      action,
      machine,
      start,
      '--output',
      'json',
      ...(action === 'cancel' ? ['-y'] : []),
    ])
    expect([ran.code, JSON.parse(ran.stdout)]).toMatchObject([0, { changed: [{ id, state }], refused: [] }])
  }
  expect(await run(['resume', machine, start])).toMatchObject({ code: 65, stdout: '' })
  expect(await run(['pause', machine])).toMatchObject({ code: 64 })
  expect(await run(['pause', machine, 'none'])).toMatchObject({ code: 65 })
  hub.misbehave(undefined)
  expect(await run(['retry', machine, '--all'])).toMatchObject({ code: 0 })
  const { code, stdout } = await run(['ls', machine, '-f', '--output', 'json'])
  expect([code, JSON.parse(stdout)]).toMatchObject([0, [{ id, state: 'done' }]])
  const listed: DownloadView[] = await ask('GET', 'downloads')
  expect(JSON.parse(stdout)).toEqual(listed)
})

describe('a machine that', () => {
  test('does not run: exit code 65, and what to do', async () => {
    const { site, runcomfy } = await startCliSite({ env: { MACHINES_DOMAIN: 'localhost' } })
    const states = [
      ['queued', /has not started yet.*machines show/],
      ['starting', /is still starting.*machines show/],
      ['stopping', /is about to end.*machines relaunch/],
      ['stopped', /has stopped.*machines relaunch/],
      ['failed', /has failed.*machines show/],
    ] as const
    await Promise.all(
      states.map(async ([status, sentence]) => {
        const machine = site.runMachine(site.admin, { name: 'Studio' })
        site.db.update(machines).set({ status }).where(eq(machines.id, machine)).run()
        const ran = await runcomfy(site.admin, ['downloads', 'ls', machine])
        expect(ran).toMatchObject({ code: 65, stdout: '', stderr: expect.stringMatching(sentence) })
      }),
    )
  })

  it('has no answer to give: 69; is somebody else’s: 65; or takes more than the login may: 77', async () => {
    const { site, runcomfy } = await startCliSite({ env: { MACHINES_DOMAIN: 'localhost' } })
    const machine = site.runMachine(site.admin)
    const codeOf = async (...args: Parameters<typeof runcomfy>) => (await runcomfy(...args)).code
    const add = ['downloads', 'add', machine, ONE]
    const codes = [
      codeOf(site.admin, ['downloads', 'ls', machine]),
      codeOf(site.member, ['downloads', 'ls', machine]),
      codeOf(site.admin, add, { scopes: ['read'] }),
      codeOf(undefined, add),
    ]
    expect(await Promise.all(codes)).toEqual([69, 65, 77, 77])
  })
})
