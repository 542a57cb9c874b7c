import { describe, expect, it, onTestFinished, test } from 'vitest'
import { wakeups } from '~/app/trpc/wakeups'
import { claimLaunch } from '~/db/machine-claims'
import { addMachineEvent } from '~/db/machine-events'
import { markFailed, markRunning, markWaiting } from '~/db/machine-outcomes'
import { launchMachine, stopMachine } from '~/db/machine-requests'
import { recordTokens } from '~/db/machine-tokens'
import { answers } from '~/launch-events'
import { SOMEBODY } from '../support/actors'
import { startSite } from './site'
import { dataOf } from './visitor'

interface View {
  status: string
  launch: {
    ms: number
    hasRun: boolean
    note: string | null
    stages: { label: string; state: string; ms: number | null }[]
  } | null
  ran: { ms: number; gpuMs: number } | null
  stops: { reason: string; at: string } | null
}

const FAILURE = { errorClass: 'start_timeout', message: 'It did not answer in time.', detail: '' }

async function siteWithLaunch(env: Record<string, string> = {}) {
  const site = await startSite({ env: { COMFYUI_COMMAND: 'comfyui', ...env } })
  const { db, clock, admin } = site
  const ref = launchMachine(db, { userId: admin.id, kind: 'comfyui', name: 'One' }, SOMEBODY, clock)
  const browser = site.signedIn(admin)
  const take = () => {
    const claimed = claimLaunch(db, ref, { leaseMs: 60_000, clock })
    if (!claimed) throw new Error('The machine could not be claimed.')
    return claimed.claim
  }
  const look = async () => dataOf<View>(await browser.query('machines.get', { id: ref.machineId }))
  const stages = async () =>
    (await look()).launch?.stages.map(({ label, state, ms }) => `${label}: ${state} ${ms}`)
  return { ...site, ref, browser, take, look, stages }
}

describe('the stages of a launch', () => {
  it('each last from what begins them to what ends them, the current ones until now', async () => {
    const { db, clock, ref, take, look, stages } = await siteWithLaunch()
    clock.advance(2000)
    expect(await stages()).toEqual([
      'Queued: current 2000',
      'Take your tokens: waiting null',
      'Start ComfyUI: waiting null',
      'Start the file manager: waiting null',
      'Running: waiting null',
    ])
    const claim = take()
    clock.advance(100)
    recordTokens(db, claim, [], clock)
    clock.advance(300)
    addMachineEvent(db, ref.machineId, answers('filebrowser'), clock())
    addMachineEvent(db, ref.machineId, 'Pulling the image x: 1 of 2 MiB so far', clock())
    clock.advance(500)
    expect(await stages()).toEqual([
      'Queued: done 2000',
      'No tokens to take: done 100',
      'Starting ComfyUI: current 800',
      'The file manager answers: done 300',
      'Running: waiting null',
    ])
    expect((await look()).launch).toMatchObject({
      ms: 2900,
      hasRun: false,
      note: 'Pulling the image x: 1 of 2 MiB so far',
    })
    addMachineEvent(db, ref.machineId, answers('comfyui'), clock())
    markRunning(db, claim, [], clock)
    clock.advance(60_000)
    expect((await look()).launch).toMatchObject({ ms: 2900, hasRun: true, note: null })
    expect((await look()).ran).toEqual({ ms: 60_000, gpuMs: 0 })
  })

  it('begin anew when the launch is tried again, and say which of them failed', async () => {
    const { db, clock, ref, take, look, stages } = await siteWithLaunch()
    const first = take()
    recordTokens(db, first, [], clock)
    clock.advance(400)
    markWaiting(db, first, FAILURE, clock() + 1000, clock)
    clock.advance(1000)
    expect((await stages())?.slice(0, 2)).toEqual(['Queued: current 1000', 'Take your tokens: waiting null'])
    expect((await look()).launch?.note).toBe('It did not answer in time. Trying again in 1 s')
    const second = take()
    recordTokens(db, second, [], clock)
    addMachineEvent(db, ref.machineId, answers('filebrowser'), clock())
    clock.advance(700)
    markFailed(db, second, FAILURE, clock)
    clock.advance(5000)
    expect((await stages())?.slice(2)).toEqual([
      'ComfyUI did not answer: failed 700',
      'The file manager answers: done 0',
      'Running: waiting null',
    ])
    expect((await look()).launch).toMatchObject({ ms: 2100, hasRun: false })
  })

  it('of one that was stopped before it ran are not told', async () => {
    const { db, clock, admin, ref, look } = await siteWithLaunch()
    stopMachine(db, admin.id, ref.machineId, SOMEBODY, clock)
    expect(await look()).toMatchObject({ status: 'stopped', launch: null, ran: null })
  })
})

describe('when a running machine stops', () => {
  test.each([
    ['the end of its session', { SESSION_HOURS: '1' }, { reason: 'session', inMs: 3_600_000 }],
    [
      'nobody’s use of it, where that comes first',
      { SESSION_HOURS: '9', IDLE_MINUTES: '60' },
      { reason: 'idle', inMs: 3_600_000 },
    ],
    ['nothing', {}, null],
  ])('is said, and why: %s', async (_what, env, expected) => {
    const { db, clock, take, look, settings } = await siteWithLaunch(env)
    const { sessionMs } = settings.machineLimits
    markRunning(db, take(), [], clock, { sessionMs })
    const at = clock()
    const stops = (await look()).stops
    expect(stops && { reason: stops.reason, inMs: Date.parse(stops.at) - at }).toEqual(expected)
  })

  it('is looked at again though no event says that it was put off', async () => {
    const { services, admin } = await startSite()
    const end = new AbortController()
    onTestFinished(() => end.abort())
    const woken = wakeups(
      services.changes,
      admin.id,
      () => false,
      end.signal,
      () => false,
      () => 1,
    )
    for (let times = 0; times < 3; times++) expect((await woken.next()).done).toBe(false)
  })
})

it('a machine that runs is in the list however many have ended since, and each of those on one page', async () => {
  const { admin, member, clock, signedIn, runMachine, failMachine } = await startSite()
  const running = runMachine(admin, { name: 'Long ago' })
  const ended: string[] = []
  for (let n = 0; n < 53; n++) {
    clock.advance(1000)
    ended.push(failMachine(admin, { name: `Ended ${n}` }))
  }
  const browser = signedIn(admin)
  type Listed = { id: string; createdAt: string }[]
  const first = dataOf<Listed>(await browser.query('machines.list'))
  expect(first).toHaveLength(51)
  expect(first.at(-1)?.id).toBe(running)
  const page = await browser.get('/machines')
  expect(page.text.match(/>Ended \d+</g)).toHaveLength(20)
  expect(page.text.indexOf('>Long ago<')).toBeLessThan(page.text.indexOf('>Ended 52<'))
  expect(page.text.replaceAll('<!-- -->', '')).toContain('Show 30 more that have ended')
  const all = await browser.get('/machines?all')
  expect(all.text.match(/>Ended \d+</g)).toHaveLength(50)
  const [, before = ''] = /href="[^"]*\?before=([^"]+)"/.exec(all.text) ?? []
  const second = dataOf<Listed>(await browser.query('machines.list', { before }))
  expect(second.map(({ id }) => id)).toEqual([...ended.slice(0, 3).reverse(), running])
  const older = await browser.get(`/machines?before=${before}`)
  expect(older.text.match(/>Ended \d+</g)).toHaveLength(3)
  expect((await browser.query('machines.list', { before: 'x' })).status).toBe(400)
  expect(dataOf<Listed>(await signedIn(member).query('machines.list', { before }))).toEqual([])
})
