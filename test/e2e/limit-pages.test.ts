import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { afterAll, expect, it } from 'vitest'
import { machines } from '~/db/schema'
import { temporaryFolder } from '../support/temp-folder'
import { until } from '../support/until'
import { expectGood, launch, machineStatus, openSite } from './pages'

const folder = temporaryFolder()
afterAll(folder.remove)
const MACHINES_CONFIG = join(folder.path, 'machines.json')
writeFileSync(
  MACHINES_CONFIG,
  JSON.stringify([
    { name: 'small', label: 'Small', cpus: 2, memoryGiB: 8 },
    { name: 'large', label: 'Large', cpus: 16, memoryGiB: 64, gpus: { count: 2, kind: 'NVIDIA L4' } },
  ]),
)
const site = openSite({
  MACHINES_CONFIG,
  MACHINES_MAX: '1',
  MACHINES_PER_USER: '3',
  SESSION_HOURS: '1',
  DISK_PER_USER_GIB: '10',
})

const idOf = (url: string) => url.split('/').at(-1) ?? ''

it('sizes, the queue, the end of a session and a deletion are said on pages that everybody can use', {
  timeout: 120_000,
}, async () => {
  await site.withPage({}, async (page) => {
    await page.goto('/machines')
    await page.getByLabel('Size').selectOption({ label: 'Large: 16 CPUs, 64 GiB memory, 2 × NVIDIA L4' })
    await page.getByLabel('Name').fill('First')
    await page.getByRole('button', { name: 'Launch' }).click()
    await machineStatus(page, 'Running')
    await page.getByText('Large: 16 CPUs').waitFor()
    const first = page.url()

    await launch(page, 'Second')
    await page.getByText('First in the queue: 1 of 1 machine runs').waitFor()
    await expectGood(page, 'queued')
    const second = page.url()
    await launch(page, 'Third')
    await page.getByText('Second in the queue: 1 of 1 machine runs').waitFor()
    await page.goto('/machines')
    await page.getByText('Second in the queue: 1 of 1 machine runs').waitFor()
    await page.getByText('of 10.0 GiB').waitFor()
    await page.getByLabel('Name').fill('Fourth')
    await page.getByRole('button', { name: 'Launch' }).click()
    await page.getByRole('alert').getByText('You have 3 of 3 machines').waitFor()
    await expectGood(page, 'limit reached')

    await page.goto(first)
    site.changeDatabase((db) =>
      db
        .update(machines)
        .set({ endsAt: Date.now() + 60_000 })
        .where(eq(machines.id, idOf(first)))
        .run(),
    )
    await page.getByText(/^The session ends in 10 minutes, unless/).waitFor()
    const warning = page.getByRole('status').filter({ hasText: 'The session ends' })
    await warning.getByRole('button', { name: 'Extend' }).click()
    await page.getByText('Extended: it may run for an hour from now').waitFor()
    await warning.waitFor({ state: 'detached' })

    await page.getByRole('link', { name: 'Delete' }).click()
    await page.getByText('with all files of its workspace').waitFor()
    await expectGood(page, 'question')
    await page.getByRole('link', { name: 'Keep it' }).click()
    await page.getByRole('link', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Delete for good' }).click()
    await page.waitForURL('**/machines')
    await page.getByRole('link', { name: 'Second', exact: true }).waitFor()
    expect(await page.getByRole('link', { name: 'First', exact: true }).count()).toBe(0)
    await until('its row is gone', () =>
      site.changeDatabase(
        (db) =>
          !db
            .select()
            .from(machines)
            .where(eq(machines.id, idOf(first)))
            .get(),
      ),
    )
    // The next one starts by itself, and the one after it moves up.
    await page.goto(second)
    await machineStatus(page, 'Running')
    await page.goto('/machines')
    await page.getByText('First in the queue: 1 of 1 machine runs').waitFor()
  })
})

it('administrators read settings and set the limits of one user on pages that everybody can use', {
  timeout: 60_000,
}, async () => {
  await site.withPage({}, async (page) => {
    await page.goto('/admin/settings')
    const limit = page.getByRole('listitem', { name: 'MACHINES_PER_USER' })
    await limit.getByText('Environment').waitFor()
    await expectGood(page, 'settings')
    await page.getByLabel('Search').fill('nothing like that')
    await page.getByRole('button', { name: 'Search', exact: true }).click()
    await page.getByText('No such setting').waitFor()
    await page.goto('/admin/users')
    await page.getByRole('link', { name: 'Administrator', exact: true }).click()
    await page.getByLabel('Machines at once').fill('many')
    await page.getByRole('button', { name: 'Save limits' }).click()
    await page.getByText('Must be a whole number').waitFor()
    await expectGood(page, 'refused limits')
    await page.getByLabel('Machines at once').fill('7')
    await page.getByRole('button', { name: 'Save limits' }).click()
    await page.getByText('The limits are saved.').waitFor()
    await page.goto('/profile')
    await page.getByRole('region', { name: 'Limits' }).getByText('7', { exact: true }).waitFor()
    await expectGood(page, 'profile with limits')
  })
})

it('without JavaScript a machine is extended and deleted', async () => {
  await site.withPage({ javaScriptEnabled: false }, async (page) => {
    await page.goto('/machines')
    await page.getByRole('link', { name: 'Second', exact: true }).click()
    await page.getByRole('button', { name: 'Extend' }).click()
    await page.getByText('Extended: it may run for an hour from now').first().waitFor()
    await page.getByRole('link', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Delete for good' }).click()
    await page.waitForURL('**/machines')
    expect(await page.getByRole('link', { name: 'Second', exact: true }).count()).toBe(0)
  })
})
