import { readFileSync } from 'node:fs'
import { eq } from 'drizzle-orm'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { findMachine } from '~/db/machine-states'
import { providerTokens, users, workers } from '~/db/schema'
import { until } from '../support/until'
import {
  clearToken,
  expectGood,
  expectQuiet,
  launch,
  machineStatus,
  openSite,
  saveToken,
  stopMachine,
} from './pages'

const TOKEN = 'hf_CANARYpages0123456789'

const LONG = `${'x'.repeat(40)}@a-very-long-domain-name.example.org`

const site = openSite()

async function invite(page: Page, email: string) {
  await page.getByLabel('E-mail address').first().fill(email)
  await page.getByRole('button', { name: 'Invite' }).click()
}

describe('every page can be read by everybody, in light and dark, and fits a phone', {
  timeout: 90_000,
}, () => {
  it('failed launches: none, some, and after a retry', async () => {
    await site.withPage({}, async (page) => {
      await page.goto('/admin/failed-launches')
      await page.getByText('Nothing has failed').waitFor()
      await saveToken(page, 'Hugging Face', TOKEN)
      site.changeDatabase((db) => db.update(providerTokens).set({ sealed: 'damaged' }).run())
      await launch(page, 'Unlucky')
      await machineStatus(page, 'Failed')
      await page.goto('/admin/failed-launches')
      const row = page.getByRole('listitem', { name: 'Unlucky of' })
      await row.getByText('Token unreadable').waitFor()
      await row.getByText('Detail').click()
      await expectGood(page, 'failed launch')
      await clearToken(page, 'Hugging Face')
      await page.goto('/admin/failed-launches')
      await page.getByRole('button', { name: 'Retry Unlucky' }).click()
      await page.getByText('Queued again as attempt 2.').waitFor()
      await page.goto('/machines')
      await page.getByRole('link', { name: 'Unlucky', exact: true }).click()
      await machineStatus(page, 'Running')
      await stopMachine(page)
      await machineStatus(page, 'Stopped')
    })
  })

  it('the overview, and everybody’s machines: one that runs, about to be stopped, and its facts', async () => {
    await site.withPage({}, async (page) => {
      await launch(page, 'Everybody’s')
      await machineStatus(page, 'Running')
      await page.goto('/admin')
      await page.getByRole('region', { name: 'Database' }).waitFor()
      await expectGood(page, 'overview')
      await page.getByRole('link', { name: 'Running' }).click()
      await page.getByRole('link', { name: 'Stop Everybody’s' }).click()
      await page.getByText('its files stay').waitFor()
      await expectGood(page, 'all machines')
      await page.getByRole('link', { name: 'Everybody’s' }).click()
      await page.getByRole('heading', { name: 'Attempt 1' }).waitFor()
      await expectGood(page, 'facts of a machine')
      await page.getByRole('link', { name: 'Stop Everybody’s' }).click()
      await page.getByRole('button', { name: 'Stop' }).click()
      await machineStatus(page, 'Stopped')
    })
  })

  it('users: alone, refused, invited, about to be changed and disabled', async () => {
    await site.withPage({}, async (page) => {
      await page.goto('/admin/users')
      await invite(page, LONG)
      await page.getByText('This server sends no mail').waitFor()
      await expectGood(page, 'invited')
      await invite(page, LONG)
      await page.getByText('is here already').waitFor()
      await page.getByRole('link', { name: 'Change Administrator' }).click()
      const change = page.getByRole('form', { name: 'Change Administrator' })
      await change.getByLabel('Role').selectOption('Member')
      await change.getByRole('button', { name: 'Save' }).click()
      await page.getByText('This is the only administrator.').waitFor()
      await expectGood(page, 'refused change')
      await page.getByRole('link', { name: 'Cancel' }).click()
      await page.getByRole('link', { name: 'Disable Administrator' }).click()
      await page.getByRole('button', { name: 'Disable' }).click()
      await page.getByText('This is the only administrator.').waitFor()
    })
  })

  it('workers: one that works, one that is silent and one that is gone', async () => {
    site.changeDatabase((db) => {
      const known = { keyIds: 'k1', host: 'a-host-with-a-long-name.internal.example.org', startedAt: 1 }
      const row = { ...known, pid: 7, takesJobsAt: 1 }
      db.insert(workers)
        .values([
          { ...row, id: 'silent', beatAt: Date.now() + 60_000 },
          { ...row, id: 'gone', beatAt: Date.now() - 60_000 },
        ])
        .run()
    })
    await site.withPage({}, async (page) => {
      await page.goto('/admin/workers')
      for (const state of ['Takes jobs', 'Takes no jobs', 'Gone'])
        await page.getByText(state, { exact: true }).waitFor()
      await expectGood(page, 'workers')
    })
    site.changeDatabase((db) =>
      db.delete(workers).where(eq(workers.host, 'a-host-with-a-long-name.internal.example.org')).run(),
    )
  })

  it('the audit log', async () => {
    await site.withPage({}, async (page) => {
      await page.goto('/admin/audit')
      await page.getByRole('table').waitFor()
      await expectGood(page, 'audit log')
      await page.goto('/admin/audit?to=2001-01-01')
      await page.getByText('Nothing like that').waitFor()
      await page.goto('/admin/audit?action=zzz')
      await page.getByText('Is none of the audit log').waitFor()
      await expectGood(page, 'a filter that can’t be')
    })
  })
})

it('without scripts users are invited, changed, disabled, enabled and withdrawn', async () => {
  await site.withPage({ javaScriptEnabled: false }, async (page) => {
    await page.goto('/admin/users')
    await invite(page, 'bo@example.org')
    await page.getByText('bo@example.org may sign in now.').waitFor()
    site.changeDatabase((db) => db.update(users).set({ signedInAt: 1 }).run())
    await page.goto('/admin/users')
    await page.getByRole('link', { name: 'Change bo' }).click()
    await page.getByLabel('Name').fill('Bo')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    await page.getByRole('link', { name: 'Disable Bo' }).click()
    await page.getByRole('button', { name: 'Disable' }).click()
    await page.getByText('The account is disabled.').waitFor()
    await page.getByRole('link', { name: 'Enable Bo' }).click()
    await page.getByRole('button', { name: 'Enable' }).click()
    await page.getByText('The account is open again.').waitFor()
    await invite(page, 'cy@example.org')
    await page.getByRole('link', { name: 'Withdraw cy' }).click()
    await page.getByRole('button', { name: 'Withdraw' }).click()
    await page.getByText('The invitation is withdrawn.').waitFor()
  })
})

it('without scripts failed launches are filtered, and retried by a tick or all of a reason', async () => {
  await site.withPage({ javaScriptEnabled: false }, async (page) => {
    await saveToken(page, 'Hugging Face', TOKEN)
    site.changeDatabase((db) => db.update(providerTokens).set({ sealed: 'damaged' }).run())
    const ids: string[] = []
    for (const name of ['First', 'Second', 'Third']) {
      await launch(page, name)
      ids.push(page.url().split('/').at(-1) as string)
    }
    const failed = (id: string) =>
      site.changeDatabase((db) => {
        const row = findMachine(db, id)
        return row?.status === 'failed' && row.attempt
      })
    for (const id of ids) await until('it failed', () => failed(id) === 1)
    await page.goto('/admin/failed-launches')
    await page.getByLabel('Reason').selectOption('Key mismatch: all (3)')
    await page.getByLabel('Machine or owner').fill('ir')
    await page.getByRole('button', { name: 'Filter' }).click()
    await page.getByRole('checkbox', { name: 'Choose Third' }).check()
    expect(await page.getByRole('checkbox').count()).toBe(2)
    await page.getByRole('button', { name: 'Retry what is ticked' }).click()
    await page.getByText('Queued again as attempt 2.').waitFor()
    await until('it failed again', () => failed(ids[2] as string) === 2)
    await page.goto('/admin/failed-launches?class=token_unreadable')
    await page.getByText('Attempt 1: Token unreadable.').waitFor()
    await page.getByRole('link', { name: 'Retry all 3 launches with this reason' }).click()
    await page.getByText('They will fail again unless the cure was applied first.').waitFor()
    await page.getByRole('button', { name: 'Retry all 3' }).click()
    await page.getByText('3 launches are queued again.').waitFor()
    await clearToken(page, 'Hugging Face')
  })
})

it('the audit log is filtered, and saved as a file with the same filters', async () => {
  await site.withPage({ acceptDownloads: true }, async (page) => {
    await page.goto('/admin/audit')
    await page.getByLabel('What').selectOption('Signed in')
    await page.getByRole('button', { name: 'Filter' }).click()
    await page.getByRole('link', { name: 'Show all' }).waitFor()
    const started = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Download CSV' }).click()
    const download = await started
    expect(download.suggestedFilename()).toBe('slipway-audit.csv')
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\r\n')
    expect(lines.length).toBeGreaterThan(1)
    expect(lines.slice(1).filter((line) => !line.includes(',sign_in,'))).toEqual([])
  })
})

it('no page complains in the browser’s console', async () => {
  await site.withPage({}, (page) =>
    expectQuiet(page, async () => {
      for (const path of [
        '/admin',
        '/admin/machines',
        '/admin/failed-launches',
        '/admin/workers',
        '/admin/users',
        '/admin/audit',
      ]) {
        await page.goto(path)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await page.waitForLoadState('load')
      }
    }),
  )
})
