import { describe, expect, it, test } from 'vitest'
import { revokeApiToken } from '~/db/api-tokens'
import { claimStop } from '~/db/machine-claims'
import { markStopped } from '~/db/machine-outcomes'
import { stopMachine } from '~/db/machine-requests'
import { userTokens } from '~/db/schema'
import { logFolder } from '~/log-files'
import { boundedLog } from '~/worker/logs/bounded-log'
import { SOMEBODY } from '../support/actors'
import type { Site } from '../web/site'
import { startFront } from './front'
import { running } from './running'
import { startCliSite } from './site'

async function printing() {
  const start = await startCliSite()
  const { site, runcomfy } = start
  const { admin } = site
  const id = site.runMachine(admin, { name: 'Studio' })
  const log = (service = 'filebrowser', attempt = 1) => {
    const file = boundedLog({ folder: logFolder(site.dataDir, id), service, attempt }, 1e7)
    return (text: string) => file.write(Buffer.from(text))
  }
  const front = await startFront(start.url)
  const follow = (...args: string[]) =>
    running((options) =>
      runcomfy(admin, ['machines', 'logs', id, '--follow', ...args], {
        ...options,
        env: { RUNCOMFY_WEB_BASE: front.url },
      }),
    )
  const logs = (...args: string[]) => runcomfy(admin, ['machines', 'logs', id, ...args])
  return { ...start, admin, id, file: log(), log, front, follow, logs }
}

/** What a worker does with a machine that is to stop. */
function end({ db, admin, clock }: Site, id: string) {
  stopMachine(db, admin.id, id, SOMEBODY, clock)
  const claim = claimStop(db, id, { leaseMs: 60_000, clock })
  if (!claim) throw new Error('The machine could not be claimed.')
  markStopped(db, claim, clock)
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => `line ${from + n}\n`).join('')

describe('a log is printed', () => {
  it('as far as it is wanted, from as many pages as that takes', async () => {
    const { file, logs } = await printing()
    file(numbered(0, 20_000))
    const [usual, few, many] = await Promise.all([logs(), logs('--lines', '2'), logs('--lines', '15000')])
    expect(usual).toMatchObject({ code: 0, stdout: numbered(19_800, 20_000), stderr: '' })
    expect(few.stdout).toBe(numbered(19_998, 20_000))
    expect(many.stdout).toBe(numbered(5000, 20_000))
  })

  it('of another service and of an earlier attempt, and for scripts as JSON', async () => {
    const { log, logs } = await printing()
    log('filebrowser', 3)('third\n')
    const [json, none, wrong, odd] = await Promise.all([
      logs('--attempt', '3', '--output=json'),
      logs('--service', 'filebrowser'),
      logs('--service', 'trainer'),
      logs('--lines', 'many'),
    ])
    expect(json.stdout).toBe('{"service":"filebrowser","attempt":3,"text":"third\\n"}\n')
    expect([none.code, none.stdout, none.stderr]).toEqual([0, '', '[logs] Nothing was printed yet.\n'])
    expect([wrong.code, wrong.stderr]).toEqual([65, 'Error: This machine has no trainer.\n'])
    expect(odd.code).toBe(2)
  })

  it('without what moves a terminal, and with bars as they stood last', async () => {
    const { file, logs } = await printing()
    const hostile = '\u001b[31mred\u001b[0m \u001b]0;title\u0007 \u202eover \u009b2J clean\n'
    file(`${hostile}10 %\r50 %\r100 %\n${'x'.repeat(10_000)}\u001b[2J\nwhole\r\n`)
    const { stdout } = await logs()
    expect(stdout).toMatch(/^red .*over .*clean\n100 %\nx{10000}\nwhole\n$/)
    expect(stdout).not.toMatch(/[^\P{Cc}\n]|\u202e/u)
    expect((await logs('--output=json')).stdout.trimEnd()).not.toContain('\u001b')
  })
})

describe('a log that is followed', () => {
  it('has each line once though the stream is cut, and ends with the machine', async () => {
    const { file, follow, front, site, id } = await printing()
    file(numbered(0, 10))
    const { ended, hasSaid } = follow()
    await hasSaid('line 9\n')
    file(`${numbered(10, 5000)}half`)
    await hasSaid('line 4999\n')
    front.cut()
    file(` a line\n${numbered(5000, 6000)}`)
    await hasSaid('line 5999\n')
    front.cut()
    file('the last, without an end')
    end(site, id)
    const { code, stdout, stderr } = await ended
    expect(code).toBe(0)
    expect(stdout).toBe(`${numbered(0, 5000)}half a line\n${numbered(5000, 6000)}the last, without an end\n`)
    expect(stderr).toContain('[logs] Studio has stopped.\n')
    expect(front.asked.filter((path) => path.includes('watchLogs')).length).toBeGreaterThan(1)
  })

  it('of a machine that has ended is printed, with what became of it', async () => {
    const { site, runcomfy } = await startCliSite()
    const id = site.failMachine(site.admin, { name: 'Studio' })
    const { code, stdout, stderr } = await runcomfy(site.admin, ['machines', 'logs', id, '-f'])
    expect([code, stdout]).toEqual([0, ''])
    expect(stderr).toContain('[logs] Studio has failed. It did not answer in time. Relaunch it;')
  })

  it('ends with 130 and without a word when interrupted', async () => {
    const { file, follow } = await printing()
    file('one\n')
    const { ended, hasSaid, interrupt } = follow('--output=json')
    await hasSaid('one')
    interrupt()
    expect(await ended).toMatchObject({
      code: 130,
      stdout: '{"service":"filebrowser","attempt":1,"text":"one\\n"}\n',
      stderr: '',
    })
  })

  test('ends with 77 when the token is revoked meanwhile', async () => {
    const { file, follow, site, admin } = await printing()
    file('one\n')
    const { ended, hasSaid } = follow()
    await hasSaid('one')
    for (const { id } of site.db.select().from(userTokens).all())
      revokeApiToken(site.db, admin.id, id, SOMEBODY, site.clock)
    const { code, stderr } = await ended
    expect([code, stderr]).toEqual([77, expect.stringContaining('revoked')])
  })
})
