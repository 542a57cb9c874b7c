import { describe, expect, it, test } from 'vitest'
import { getMachine } from '~/db/machines'
import { startCliSite } from './site'

const SCOPES = { scopes: ['write', 'admin:write'] }

async function withFailures() {
  const { site, runcomfy } = await startCliSite()
  const { admin, member, clock, db } = site
  const fail = (user: typeof admin, name: string, errorClass: string) => {
    clock.advance(1000)
    return site.failMachine(user, { name, errorClass })
  }
  const ids = {
    slow: fail(member, 'Slow', 'start_timeout'),
    quiet: fail(admin, 'Quiet', 'start_hung'),
    imageless: fail(member, '\u001b[2JImage', 'image_unavailable'),
  }
  const ask = (...args: string[]) => runcomfy(admin, ['admin', ...args], SCOPES)
  const statusOf = (id: string) => (getMachine(db, admin.id, id) ?? getMachine(db, member.id, id))?.status
  return { site, runcomfy, ids, ask, statusOf }
}

describe('failed launches', () => {
  it('are a table for people, without what moves a terminal', async () => {
    const { ids, ask } = await withFailures()
    const { code, stdout, stderr } = await ask('failed')
    const lines = stdout.split('\n')
    expect([code, stderr]).toEqual([0, ''])
    expect(lines[0]).toMatch(/^ID +OWNER +NAME +REASON +ATTEMPTS +FAILED +MESSAGE$/)
    expect(lines[1]).toMatch(
      new RegExp(`^${ids.imageless} +Mo +Image +Image not there +1 +.+It did not answer in time\\.$`),
    )
    expect(lines[3]).toMatch(new RegExp(`^${ids.slow} +Mo +Slow +No answer in time +1 `))
    expect(stdout).not.toMatch(/[^\P{Cc}\n]/u)
  })

  it('are narrowed by class and name, and for scripts have the fields of the procedure', async () => {
    const { ids, ask } = await withFailures()
    const [json, none, wrong] = await Promise.all([
      ask('failed', '--class', 'timeout', '--search', 'mo', '--output=json'),
      ask('failed', '--search', 'nobody'),
      ask('failed', '--class', '../..'),
    ])
    expect(JSON.parse(json.stdout)).toMatchObject({
      launches: [{ machineId: ids.slow, userName: 'Mo', errorClass: 'start_timeout', attempt: 1 }],
      total: 1,
      older: null,
    })
    expect(none.stdout).toBe('No failed launch passes these filters.\n')
    expect([wrong.code, wrong.stderr]).toEqual([
      65,
      'Error: class: is no reason of the list; choose one there.\n',
    ])
  })

  it('are as many as are wanted, or all, from as many pages as that takes', async () => {
    const { site, ask } = await withFailures()
    for (let n = 0; n < 100; n++) site.failMachine(site.admin, { name: `No ${n}` })
    const [few, many, all] = await Promise.all([
      ask('failed', '--limit', '2'),
      ask('failed', '--limit', '102', '--output=json'),
      ask('failed', '--all', '--output=json'),
    ])
    expect(few.stdout.trimEnd().split('\n')).toHaveLength(3)
    expect(few.stderr).toBe('[failed] 2 of 103. See all: --all\n')
    const idsOf = ({ stdout }: { stdout: string }) =>
      new Set(JSON.parse(stdout).launches.map((one: { machineId: string }) => one.machineId))
    expect([idsOf(many).size, idsOf(all).size]).toEqual([102, 103])
    expect(JSON.parse(all.stdout).older).toBeNull()
  })
})

describe('a retry', () => {
  it('of chosen launches says what came of each, and fails when one is refused', async () => {
    const { ids, ask, statusOf } = await withFailures()
    const good = await ask('retry', ids.slow)
    expect(good).toMatchObject({ code: 0, stdout: `${ids.slow}  queued again as attempt 2\n`, stderr: '' })
    const mixed = await ask('retry', ids.slow, ids.quiet, '--output=json')
    expect(mixed.code).toBe(1)
    expect(JSON.parse(mixed.stdout)).toEqual({
      results: [
        { id: ids.slow, refused: expect.stringContaining('queued') },
        { id: ids.quiet, attempt: 2 },
      ],
      left: 0,
    })
    expect(JSON.parse(mixed.stderr)).toEqual({ error: '1 of 2 were not retried.' })
    expect([ids.slow, ids.quiet, ids.imageless].map(statusOf)).toEqual(['queued', 'queued', 'failed'])
  })

  it('of a class needs a yes, and takes all of it', async () => {
    const { site, ids, ask, statusOf } = await withFailures()
    for (let n = 0; n < 60; n++) site.failMachine(site.admin, { errorClass: 'image_unavailable' })
    const unsure = await ask('retry', '--class', 'image')
    expect([unsure.code, unsure.stdout]).toEqual([64, ''])
    expect(unsure.stderr).toContain(
      'Retry all 61 launches of this class? 61 of them will fail again unless the cure was applied first.',
    )
    expect(statusOf(ids.imageless)).toBe('failed')
    const { code, stdout } = await ask('retry', '--class', 'image', '--yes', '--output=json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout).results).toHaveLength(61)
    expect(JSON.parse(stdout).left).toBe(0)
    expect([ids.imageless, ids.slow].map(statusOf)).toEqual(['queued', 'failed'])
    expect((await ask('retry', '--class', 'image', '--yes')).stdout).toBe('Nothing to retry.\n')
  })

  it('of nothing, or of ids and a class, is refused with 64', async () => {
    const { ask } = await withFailures()
    const ran = await Promise.all([ask('retry'), ask('retry', 'abcd', '--class', 'image')])
    expect(ran.map(({ code }) => code)).toEqual([64, 64])
  })
})

test('who has not logged in as an administrator is told how to, and sees nothing', async () => {
  const { site, runcomfy, ids, statusOf } = await withFailures()
  const ran = await Promise.all([
    runcomfy(site.admin, ['admin', 'failed']),
    runcomfy(site.admin, ['admin', 'retry', ids.slow], { scopes: ['write', 'admin:read'] }),
    runcomfy(site.member, ['admin', 'failed'], SCOPES),
  ])
  expect(ran).toMatchObject(Array(3).fill({ code: 77, stdout: '' }))
  const cure = /unset it and run: runcomfy login --admin\n$/
  expect(ran.map(({ stderr }) => stderr)).toEqual([
    expect.stringMatching(cure),
    expect.stringMatching(cure),
    'Error: Only an administrator may do this.\n',
  ])
  expect(statusOf(ids.slow)).toBe('failed')
})
