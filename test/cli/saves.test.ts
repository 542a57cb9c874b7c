import { describe, expect, it } from 'vitest'
import { claimSave, markSaved, markSaveFailed } from '~/db/cloud-save-work'
import { createCloudSave, getCloudSave } from '~/db/cloud-saves'
import type { User } from '~/db/users'
import { SOMEBODY } from '../support/actors'
import { until } from '../support/until'
import type { Site } from '../web/site'
import { running } from './running'
import { startCliSite } from './site'

const ARCHIVE = { bytes: 1_200_000, sha256: 'ab'.repeat(32), bytesTotal: 3_400_000, notes: 'One.\nTwo.' }

/** What a worker does with a save once its job is there. */
async function takeOn(site: Site, id?: string) {
  const job = await until('a save is queued', () => id ?? site.jobs.find((one) => one.job === 'save'))
  const wanted = typeof job === 'string' ? job : 'id' in job ? job.id : ''
  const claimed = claimSave(site.db, wanted, { leaseMs: 60_000, clock: site.clock })
  if (!claimed) throw new Error('The save could not be claimed.')
  return claimed.claim
}

async function saved(site: Site, user: User, name: string) {
  const machineId = site.runMachine(user, { name: 'Studio' })
  const { id } = createCloudSave(site.db, { userId: user.id, machineId, name }, SOMEBODY, site.clock)
  markSaved(site.db, await takeOn(site, id), ARCHIVE, site.clock)
  return id
}

describe('a save', () => {
  it('is made of a machine, and answers its id', async () => {
    const { site, runcomfy } = await startCliSite()
    site.runMachine(site.admin, { name: 'Studio' })
    const args = ['saves', 'create', 'Studio', '--name', 'First', '--output=json']
    const { code, stdout, stderr } = await runcomfy(site.admin, args)
    const { id } = JSON.parse(stdout)
    expect([code, stdout, stderr]).toEqual([0, `{"id":"${id}"}\n`, ''])
    expect(getCloudSave(site.db, site.admin.id, id)).toMatchObject({ name: 'First', status: 'queued' })
    expect(site.jobs).toEqual([{ job: 'save', id }])
  })

  it('is waited for until it is whole, and then shown', async () => {
    const { site, runcomfy } = await startCliSite()
    site.runMachine(site.admin, { name: 'Studio' })
    const { ended, hasSaid } = running((options) =>
      runcomfy(site.admin, ['saves', 'create', 'Studio', '--wait', '--name', 'First'], options),
    )
    await hasSaid('[save] queued')
    markSaved(site.db, await takeOn(site), ARCHIVE, site.clock)
    const { code, stdout, stderr } = await ended
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^Name +First\n(.+\n)*Status +saved\n(.+\n)*Size +1\.2 MB, with 3\.4 MB of files\n/,
    )
    expect(stdout).toMatch(/^Notes +One\.\n +Two\.$/m)
    expect(stderr).toBe('[save] queued\n[save] saved\n')
  })

  it('that fails while it is waited for exits with 69 and says why', async () => {
    const { site, runcomfy } = await startCliSite()
    site.runMachine(site.admin, { name: 'Studio' })
    const { ended } = running((options) =>
      runcomfy(site.admin, ['--output=json', 'saves', 'create', 'Studio', '--wait'], options),
    )
    const failure = { errorClass: 'disk_full', message: 'The disk is full.', detail: '' }
    markSaveFailed(site.db, await takeOn(site), failure, site.clock)
    const { code, stdout, stderr } = await ended
    expect([code, stdout]).toEqual([69, ''])
    expect(JSON.parse(stderr).error).toContain('failed. The disk is full.')
  })

  it('goes on when whoever waits is interrupted', async () => {
    const { site, runcomfy } = await startCliSite()
    site.runMachine(site.admin, { name: 'Studio' })
    const { ended, hasSaid, interrupt } = running((options) =>
      runcomfy(site.admin, ['saves', 'create', 'Studio', '--wait'], options),
    )
    await hasSaid('[save] queued')
    interrupt()
    const { code, stderr } = await ended
    expect(code).toBe(130)
    expect(stderr).toMatch(/The save \w+ goes on\. To end and delete it: runcomfy saves rm \w+/)
  })

  it('of a machine on its way is refused, and so is a wrong name', async () => {
    const { site, runcomfy } = await startCliSite()
    const { machineId } = site.claimMachine(site.admin)
    const [early, unnamed] = await Promise.all([
      runcomfy(site.admin, ['saves', 'create', machineId]),
      runcomfy(site.admin, ['saves', 'create', machineId, '--name', '']),
    ])
    expect([early.code, early.stderr]).toEqual([
      65,
      'Error: This machine is starting. Save its workspace once it runs or has stopped.\n',
    ])
    expect([unnamed.code, unnamed.stderr]).toEqual([65, 'Error: name: is empty; type a name.\n'])
  })
})

it('saves are listed, of one machine alone where that is wanted', async () => {
  const { site, runcomfy } = await startCliSite()
  const empty = await runcomfy(site.admin, ['saves', 'ls'])
  expect(empty.stdout).toBe('No cloud saves yet. Make one: runcomfy saves create <machine>\n')
  const id = await saved(site, site.admin, 'First')
  const other = site.runMachine(site.admin, { name: 'Other' })
  const [all, none] = await Promise.all([
    runcomfy(site.admin, ['saves', 'ls']),
    runcomfy(site.admin, ['saves', 'ls', '--machine', other, '--output=json']),
  ])
  expect(all.stdout).toMatch(/^ID +NAME +KIND +STATUS +SIZE +FROM +MADE\n/)
  expect(all.stdout).toMatch(new RegExp(`^${id} +First +comfyui +saved +1\\.2 MB +Studio +\\w+`, 'm'))
  expect(none.stdout).toBe('[]\n')
})

it('a machine begins with a save that is named', async () => {
  const { site, runcomfy } = await startCliSite()
  const id = await saved(site, site.admin, 'First')
  const { code, stdout } = await runcomfy(site.admin, [
    ...['--output=json', 'machines', 'launch', '--save', 'First'],
  ])
  expect(code).toBe(0)
  expect(site.db.query.machines.findMany().sync()).toContainEqual(
    expect.objectContaining({ id: JSON.parse(stdout).id, saveId: id }),
  )
})

it('a save is deleted for good only by somebody who says so', async () => {
  const { site, runcomfy } = await startCliSite()
  const id = await saved(site, site.admin, 'First')
  const unsure = await runcomfy(site.admin, ['saves', 'rm', 'First'])
  expect([unsure.code, unsure.stdout]).toEqual([64, ''])
  expect(getCloudSave(site.db, site.admin.id, id)).toBeDefined()
  const sure = await runcomfy(site.admin, ['saves', 'rm', 'First', '-y'])
  expect(sure).toMatchObject({ code: 0, stdout: `Deleted First (${id}).\n` })
  expect(getCloudSave(site.db, site.admin.id, id)).toBeUndefined()
})

it('another user’s save is not there', async () => {
  const { site, runcomfy } = await startCliSite()
  const id = await saved(site, site.member, 'First')
  for (const ran of await Promise.all([
    runcomfy(site.admin, ['saves', 'show', id]),
    runcomfy(site.admin, ['saves', 'rm', id, '-y']),
    runcomfy(site.admin, ['saves', 'show', 'First']),
  ])) {
    expect([ran.code, ran.stdout]).toEqual([65, ''])
    expect(ran.stderr).toMatch(/^Error: (There is no such cloud save|No cloud save of yours)/)
  }
  expect(getCloudSave(site.db, site.member.id, id)).toBeDefined()
})
