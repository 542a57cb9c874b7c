import { eq } from 'drizzle-orm'
import { describe, expect, it, test } from 'vitest'
import { claimLaunch } from '~/db/machine-claims'
import { markFailed, markRunning } from '~/db/machine-outcomes'
import { stopMachine } from '~/db/machine-requests'
import { getMachine, listMachines } from '~/db/machines'
import { saveProviderToken } from '~/db/provider-tokens'
import { machines } from '~/db/schema'
import type { User } from '~/db/users'
import { SOMEBODY } from '../support/actors'
import { until } from '../support/until'
import type { Site } from '../web/site'
import { startFront } from './front'
import { running } from './running'
import { startCliSite } from './site'

const CONTROL = '\u001b[31mred\u001b]0;title\u0007\u202eover\u009b2J'
const UNWANTED = /[^\P{Cc}\n]|\u202e/u

async function withMachine(options?: Parameters<typeof startCliSite>[0]) {
  const start = await startCliSite(options)
  const { site, runcomfy } = start
  const { admin } = site
  const id = site.runMachine(admin, { name: 'Studio' })
  return { ...start, admin, id, ask: (...args: string[]) => runcomfy(admin, ['machines', ...args]) }
}

/** What a worker does with a launch once its job is there. */
async function takeOn({ jobs, db, clock }: Site) {
  const job = await until('a launch is queued', () => jobs.find((one) => one.job === 'launch'))
  if (job.job !== 'launch') throw new Error('This is no launch.')
  const claimed = claimLaunch(db, job, { leaseMs: 60_000, clock })
  if (!claimed) throw new Error('The machine could not be claimed.')
  return claimed.claim
}

const rename = ({ db }: Site, id: string, name: string) =>
  db.update(machines).set({ name }).where(eq(machines.id, id)).run()
const statusOf = ({ db }: Site, user: User, id: string) => getMachine(db, user.id, id)?.status

describe('a launch', () => {
  it('answers the id, and where to go on', async () => {
    const { site, url, runcomfy } = await startCliSite()
    const args = ['machines', 'launch', '--name', 'Studio', '--size', 'standard']
    const json = await runcomfy(site.admin, ['--output', 'json', ...args])
    const [first] = listMachines(site.db, site.admin.id)
    expect(json).toMatchObject({ code: 0, stdout: `{"id":"${first?.id}"}\n`, stderr: '' })
    expect(first).toMatchObject({ name: 'Studio', kind: 'comfyui', size: 'standard', status: 'queued' })
    const pretty = await runcomfy(site.admin, args)
    const [second] = listMachines(site.db, site.admin.id).filter(({ id }) => id !== first?.id)
    expect(pretty).toMatchObject({ code: 0, stderr: '' })
    expect(pretty.stdout).toContain(`Launched ${second?.id}\n${url}/machines/${second?.id}\n`)
  })

  it('whose answer is lost makes one machine, and so does a relaunch', async () => {
    const { site, url, runcomfy } = await startCliSite()
    const front = await startFront(url)
    const ask = (...args: string[]) =>
      runcomfy(site.admin, ['--output', 'json', 'machines', ...args], {
        env: { RUNCOMFY_WEB_BASE: front.url },
      })
    front.loseAnswerTo(/machines\.launch/)
    const { id } = JSON.parse((await ask('launch')).stdout)
    front.loseAnswerTo(/machines\.relaunch/)
    const successor = JSON.parse((await ask('relaunch', id)).stdout)
    expect(listMachines(site.db, site.admin.id).map((one) => [one.id, one.status])).toEqual(
      expect.arrayContaining([
        [id, 'stopped'],
        [successor.id, 'queued'],
      ]),
    )
    expect(listMachines(site.db, site.admin.id)).toHaveLength(2)
    expect(front.asked.filter((path) => path.includes('launch'))).toHaveLength(4)
  })

  it('is waited for until it runs, and told of as it goes on', async () => {
    const { site, runcomfy } = await startCliSite()
    const { ended } = running((options) =>
      runcomfy(site.admin, ['machines', 'launch', '--wait', '--name', 'Studio'], options),
    )
    const claim = await takeOn(site)
    markRunning(site.db, claim, [{ name: 'filebrowser', address: 'http://127.0.0.1:1' }], site.clock)
    const { code, stdout, stderr } = await ended
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Name +Studio$/m)
    expect(stdout).toContain(`filebrowser ${site.serviceUrl(claim.machineId)}`)
    expect(stderr).toMatch(/\[machine\] Queued\n(.+\n)*\[machine\] Running\n/)
  })

  it('that waits for room says its place, and when interrupted that it goes on', async () => {
    const { site, runcomfy, ask } = await withMachine({ env: { MACHINES_MAX: '1' } })
    const launch = running((options) => runcomfy(site.admin, ['machines', 'launch', '--wait'], options))
    await launch.hasSaid('[queue] First in the queue: 1 of 1 machine runs')
    launch.interrupt()
    const { code, stdout, stderr } = await launch.ended
    const waiting = listMachines(site.db, site.admin.id).find(({ status }) => status === 'queued')
    expect([code, stdout]).toEqual([130, ''])
    expect(stderr).toContain(
      `The machine ${waiting?.id} goes on. To stop it: runcomfy machines stop ${waiting?.id}`,
    )
    expect((await ask('ls')).stdout).toContain('First in the queue: 1 of 1 machine runs')
  })

  it.each([
    ['failed', 69, 'It did not answer in time. Relaunch it; if that fails too, tell your administrator.'],
    ['stopped', 75, 'was stopped before it ran'],
  ])('that %s while it is waited for exits with %i and says why', async (what, exit, why) => {
    const { site, runcomfy } = await startCliSite()
    const { ended } = running((options) =>
      runcomfy(site.admin, ['--output', 'json', 'machines', 'launch', '--wait'], options),
    )
    const failure = { errorClass: 'start_timeout', message: 'It did not answer in time.', detail: '' }
    if (what === 'failed') markFailed(site.db, await takeOn(site), failure, site.clock)
    else {
      const job = await until('a launch is queued', () => site.jobs[0])
      if ('machineId' in job) stopMachine(site.db, site.admin.id, job.machineId, SOMEBODY, site.clock)
    }
    const { code, stdout, stderr } = await ended
    expect([code, stdout]).toEqual([exit, ''])
    expect(JSON.parse(stderr).error).toContain(why)
  })

  it('that can’t be is refused with the reason, and makes nothing', async () => {
    const { site, runcomfy } = await startCliSite()
    const refused: [args: string[], exit: number, why: string][] = [
      [['--kind', 'toaster'], 2, 'comfyui'],
      [['--kind', 'trainer'], 65, 'This server has no trainer yet'],
      [['--size', 'huge'], 65, 'The size “huge” is not offered to you here'],
      [['--save', 'none'], 65, 'No cloud save of yours is called “none”'],
      [['--name', 'x'.repeat(61)], 65, 'has more than 60 characters'],
    ]
    await Promise.all(
      refused.map(async ([args, exit, why]) => {
        const { code, stdout, stderr } = await runcomfy(site.admin, ['machines', 'launch', ...args])
        expect([code, stdout]).toEqual([exit, ''])
        expect(stderr).toContain(why)
      }),
    )
    expect(listMachines(site.db, site.admin.id)).toEqual([])
  })

  it('needs a token that may launch', async () => {
    const { site, runcomfy } = await startCliSite()
    const { code, stderr } = await runcomfy(site.admin, ['machines', 'launch'], { scopes: ['read'] })
    expect(code).toBe(77)
    expect(stderr).toContain('machines:write')
  })
})

describe('the list', () => {
  it('has a line for each machine, with what is to be known of it, and hides the stopped', async () => {
    const { site, admin, id, ask } = await withMachine()
    saveProviderToken(site.services, admin.id, 'huggingface', `hf_CANARY${'x'.repeat(30)}`, SOMEBODY)
    const failed = site.failMachine(admin, { name: '模型' })
    const queued = site.claimMachine(admin).machineId
    stopMachine(site.db, admin.id, queued, SOMEBODY, site.clock)
    site.db.update(machines).set({ status: 'stopped' }).where(eq(machines.id, queued)).run()
    const [{ stdout, stderr }, all, json] = await Promise.all([
      ask('ls'),
      ask('ls', '--all'),
      ask('ls', '--output=json'),
    ])
    const lines = stdout.split('\n')
    expect(lines[0]?.split(/ +/)).toEqual([
      'ID',
      'NAME',
      'KIND',
      'STATUS',
      'SIZE',
      'LAUNCHED',
      'ENDS',
      'NOTE',
    ])
    expect(lines.find((line) => line.startsWith(id))).toMatch(
      /Studio +comfyui +running +standard .+ tokens outdated$/,
    )
    expect(lines.find((line) => line.startsWith(failed))).toMatch(
      /模型 +comfyui +failed .+ It did not answer in time\.$/,
    )
    expect(stdout).not.toContain(queued)
    expect(stderr).toContain('1 stopped: runcomfy machines ls --all')
    expect(all.stdout).toContain(queued)
    expect(json.stdout.trimEnd()).not.toContain('\n')
    const listed: { id: string }[] = JSON.parse(json.stdout)
    expect(listed.find((one) => one.id === failed)).toMatchObject({ kind: 'comfyui', status: 'failed' })
    expect(listed.find((one) => one.id === id)).toMatchObject({
      name: 'Studio',
      missingTokens: [{ provider: 'huggingface' }],
    })
    expect(listed).toHaveLength(2)
    expect(stdout + all.stdout + json.stdout).not.toContain('hf_CANARY')
  })

  it('of nobody’s machines says how to begin', async () => {
    const { site, runcomfy } = await startCliSite()
    const [pretty, json] = await Promise.all([
      runcomfy(site.admin, ['machines', 'ls']),
      runcomfy(site.admin, ['machines', 'ls', '--output=json']),
    ])
    expect(pretty.stdout).toBe('No machines yet. Launch one: runcomfy machines launch\n')
    expect(json.stdout).toBe('[]\n')
  })
})

describe('a machine is named', () => {
  it('by its id, by the beginning of it, and by its name, those that have ended last', async () => {
    const { site, admin, id, ask } = await withMachine()
    const failed = site.failMachine(admin, { name: 'Old' })
    const former = site.failMachine(admin, { name: 'Studio' })
    const given = [id, id.slice(0, 8), 'Studio', failed, 'Old', former]
    const shown = await Promise.all(given.map((one) => ask('show', one, '--output=json')))
    expect(shown.map(({ stdout }) => JSON.parse(stdout).id)).toEqual([id, id, id, failed, failed, former])
    const other = site.failMachine(admin, { name: 'Old' })
    const [none, several] = await Promise.all([ask('show', 'None'), ask('relaunch', 'Old')])
    expect([none.code, none.stderr]).toEqual([65, expect.stringContaining('called “None”')])
    expect([several.code, several.stdout]).toEqual([64, ''])
    for (const one of [failed, other]) expect(several.stderr).toContain(`${one}  Old`)
  })

  it('by nothing that could be several, which are listed', async () => {
    const { site, admin, id, ask } = await withMachine()
    const other = site.runMachine(admin, { name: 'Studio' })
    const { code, stdout, stderr } = await ask('stop', 'Studio', '--yes')
    expect([code, stdout]).toEqual([64, ''])
    expect(stderr).toContain(`${id}  Studio`)
    expect(stderr).toContain(`${other}  Studio`)
    expect([statusOf(site, admin, id), statusOf(site, admin, other)]).toEqual(['running', 'running'])
  })

  test('and another user’s is not there, whatever is asked of it', async () => {
    const { site, runcomfy } = await startCliSite({ env: { ALLOW_UNISOLATED: '1' } })
    const id = site.runMachine(site.admin, { name: 'Studio' })
    const asked = ['show', 'logs', 'open', 'stop', 'relaunch', 'extend', 'rm'].map((verb) => [verb, id])
    for (const ran of await Promise.all(
      [...asked, ['show', 'Studio'], ['show', id.slice(0, 8)]].map((args) =>
        runcomfy(site.member, ['machines', ...args]),
      ),
    )) {
      expect([ran.code, ran.stdout]).toEqual([65, ''])
      expect(ran.stderr).toMatch(/^Error: (No machine of yours is|There is no such machine)/)
    }
    expect(statusOf(site, site.admin, id)).toBe('running')
  })
})

describe('one machine', () => {
  it('is shown with its services, the tokens that it holds, masked, and its timeline', async () => {
    const { site, runcomfy } = await startCliSite()
    const { admin } = site
    saveProviderToken(site.services, admin.id, 'huggingface', `hf_CANARY${'x'.repeat(30)}`, SOMEBODY)
    const id = site.runMachine(admin, { name: 'Studio' })
    saveProviderToken(site.services, admin.id, 'huggingface', `hf_CANARY${'y'.repeat(30)}`, SOMEBODY)
    const { code, stdout } = await runcomfy(admin, ['machines', 'show', id])
    expect(code).toBe(0)
    expect(stdout).toContain(`filebrowser ${site.serviceUrl(id)}`)
    expect(stdout).toMatch(/Hugging Face hf_\S+, changed since the launch/)
    expect(stdout).toMatch(/^Timeline +2026-01-01 00:00 UTC Queued$/m)
    // Nothing keeps a plain process to more than a name.
    expect(stdout).toMatch(/^Size +[^:]+$/m)
    expect(stdout).not.toContain('CANARYx')
  })

  it('that failed is shown with the reason and the cure', async () => {
    const { site, runcomfy } = await startCliSite()
    const id = site.failMachine(site.admin)
    const { stdout } = await runcomfy(site.admin, ['machines', 'show', id])
    expect(stdout).toMatch(/^Error +It did not answer in time\.\n +Relaunch it; if that fails too/m)
    expect(stdout).not.toContain('What an administrator reads.')
  })

  it('is opened at its page, for the service that is wanted', async () => {
    const { url, id, ask } = await withMachine()
    const [page, service, json, wrong] = await Promise.all([
      ask('open', 'Studio'),
      ask('open', id, 'filebrowser'),
      ask('open', id, '--output=json'),
      ask('open', id, 'trainer'),
    ])
    expect(page.stdout).toBe(`${url}/machines/${id}\n`)
    expect(service.stdout).toBe(`${url}/machines/${id}/open/filebrowser\n`)
    expect(JSON.parse(json.stdout)).toEqual({ id, url: `${url}/machines/${id}` })
    expect([wrong.code, wrong.stderr]).toEqual([
      64,
      'Error: Studio has no such service. It has filebrowser.\n',
    ])
  })

  it('is stopped, and stopping it again changes nothing', async () => {
    const { site, admin, id, ask } = await withMachine()
    expect(await ask('stop', 'Studio')).toMatchObject({ code: 0, stdout: `Stopping Studio (${id}).\n` })
    expect(await ask('stop', id, '--output=json')).toMatchObject({ code: 0, stdout: `{"id":"${id}"}\n` })
    expect(statusOf(site, admin, id)).toBe('stopping')
  })

  it('is relaunched as another, and that one waited for', async () => {
    const { site, admin, id, runcomfy } = await withMachine()
    site.db.update(machines).set({ status: 'stopped' }).where(eq(machines.id, id)).run()
    const { ended } = running((options) =>
      runcomfy(admin, ['--output=json', 'machines', 'relaunch', id, '--wait'], options),
    )
    const claim = await takeOn(site)
    markRunning(site.db, claim, [{ name: 'filebrowser', address: 'http://127.0.0.1:1' }], site.clock)
    const { code, stdout } = await ended
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      id: claim.machineId,
      status: 'running',
      services: [{ name: 'filebrowser', url: site.serviceUrl(claim.machineId) }],
    })
    expect(claim.machineId).not.toBe(id)
  })

  it('is extended, where sessions end', async () => {
    const { site, id, ask } = await withMachine({ env: { SESSION_HOURS: '2' } })
    site.db.update(machines).set({ endsAt: site.clock() }).run()
    const [pretty, json] = [await ask('extend', id), await ask('extend', id, '--output=json')]
    expect(pretty.stdout).toBe(`Studio (${id}) runs until 2026-01-01 02:00 UTC.\n`)
    expect(JSON.parse(json.stdout)).toEqual({ id, endsAt: '2026-01-01T02:00:00.000Z' })
    const without = await withMachine()
    const refused = await without.ask('extend', without.id)
    expect([refused.code, refused.stderr]).toEqual([
      65,
      'Error: Sessions have no fixed length here, so there is nothing to extend.\n',
    ])
  })

  it('is deleted for good only by somebody who says so', async () => {
    const { site, admin, id, ask } = await withMachine()
    const unsure = await ask('rm', id)
    expect([unsure.code, unsure.stdout]).toEqual([64, ''])
    expect(unsure.stderr).toContain('with all files of its workspace? It is stopped first.')
    expect(unsure.stderr).toContain('--yes')
    expect(statusOf(site, admin, id)).toBe('running')
    expect(await ask('rm', id, '--yes')).toMatchObject({ code: 0, stdout: `Deleted Studio (${id}).\n` })
    expect(statusOf(site, admin, id)).toBeUndefined()
  })
})

test('nothing of a hostile name moves a terminal', async () => {
  const { site, id, ask } = await withMachine()
  rename(site, id, CONTROL + 'x'.repeat(10_000))
  const ran = await Promise.all([
    ask('ls'),
    ask('show', id),
    ask('open', id, 'trainer'),
    ask('rm', id),
    ask('stop', id),
  ])
  for (const { stdout, stderr } of ran) {
    expect(stdout + stderr).toContain('redover')
    expect(stdout + stderr).not.toMatch(UNWANTED)
  }
})
