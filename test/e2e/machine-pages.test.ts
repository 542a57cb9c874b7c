import { afterEach, describe, expect, it } from 'vitest'
import { markGone } from '~/db/machine-outcomes'
import { providerTokens } from '~/db/schema'
import { until } from '../support/until'
import {
  expectGood,
  expectQuiet,
  launch,
  machineStatus,
  openSite,
  saveToken,
  stopMachine,
  suspendWorker,
} from './pages'

const site = openSite()
afterEach(() => site.changeDatabase((db) => db.delete(providerTokens).run()))

describe('every page can be read by everybody, in light and dark, and fits a phone', {
  timeout: 90_000,
}, () => {
  it('machines, a machine whose tokens have changed, and its files', async () => {
    await site.withPage({}, async (page) => {
      await page.goto('/machines')
      await page.getByText('No machines yet').waitFor()
      await expectGood(page, 'no machines')
      await launch(page, `A name as long as they come ${'x'.repeat(32)}`)
      await machineStatus(page, 'Running')
      await expectGood(page, 'machine')
      const id = page.url()
      await saveToken(page, 'Civitai', 'CANARYcivitai')
      await page.goto(id)
      await page.getByText('since this launch').waitFor()
      await expectGood(page, 'changed tokens')
      await page.goto('/machines')
      await page.getByRole('listitem').filter({ hasText: 'Running for' }).getByText('Civitai: none').waitFor()
      await expectGood(page, 'list')
      await page.goto(id)
      const opened = page.context().waitForEvent('page')
      await page.getByRole('button', { name: 'Open models & files' }).click()
      const files = await opened
      await files.locator('#root main').waitFor()
      await expectGood(files, 'files')
      await stopMachine(page)
      await machineStatus(page, 'Stopped')
      await expectGood(page, 'stopped')
      await files.reload()
      await files.getByRole('heading', { name: 'Stopped' }).waitFor()
      await expectGood(files, 'notice')
    })
  })
})

it('without JavaScript a machine is launched, opened and stopped', async () => {
  await site.withPage({ javaScriptEnabled: false }, async (page) => {
    const reloadUntil = async (name: string) => {
      await expect
        .poll(
          async () => {
            await page.reload()
            return page.getByRole('heading', { level: 1 }).textContent()
          },
          { timeout: 15_000 },
        )
        .toContain(name)
    }
    await launch(page, 'Plain')
    await reloadUntil('Running')
    const opened = page.context().waitForEvent('page')
    await page.getByRole('button', { name: 'Open models & files' }).click()
    expect((await opened).url()).toMatch(/^http:\/\/m-[a-z2-7]{16}-files\.localhost:\d+\/$/)
    await stopMachine(page)
    await reloadUntil('Stopped')
  })
})

describe('a machine’s page keeps up without being reloaded', () => {
  it.each([
    ['by the server’s events', false],
    ['by asking again, when events don’t come through', true],
  ])('%s', async (_how, blocked) => {
    await site.withPage({}, async (page) => {
      const asked: string[] = []
      page.on('request', (request) => asked.push(request.url()))
      if (blocked) await page.route(/\/trpc\/.*watch/, (route) => route.abort())
      const resume = await suspendWorker(site.app)
      try {
        await launch(page, 'Live')
        await machineStatus(page, 'Queued')
        await page.evaluate(() => Object.assign(window, { isSameDocument: true }))
      } finally {
        resume()
      }
      await machineStatus(page, 'Running')
      expect(await page.evaluate(() => 'isSameDocument' in window)).toBe(true)
      const polls = asked.filter((url) => /\/machines\/\w+\.data/.test(url) && !url.includes('index'))
      expect(asked.some((url) => url.includes('machines.watch'))).toBe(true)
      if (blocked) expect(polls.length).toBeGreaterThan(0)
      await stopMachine(page)
      await machineStatus(page, 'Stopped')
    })
  })
})

it('a launch is watched stage by stage with its log, and stopped from its card by keyboard', async () => {
  await site.withPage({}, async (page) => {
    const resume = await suspendWorker(site.app)
    const stages = page.getByRole('list', { name: 'Stages of the launch' })
    try {
      await launch(page, 'Watched')
      expect(await stages.locator('[aria-current=step]').textContent()).toContain('Queued')
      await page.getByRole('log').waitFor()
      await expectGood(page, 'launching')
    } finally {
      resume()
    }
    await page.getByRole('heading', { name: /^Launched in [\d.]+ s$/ }).waitFor()
    expect(await stages.getByRole('listitem').allTextContents()).toEqual([
      expect.stringMatching(/^Queuedtook \d+(\.\d)? s$/),
      expect.stringMatching(/^No tokens to taketook \d/),
      expect.stringMatching(/^The file manager answerstook \d/),
      'Running',
    ])
    await page.goto('/machines')
    const stop = page.getByRole('link', { name: 'Stop Watched' })
    const keep = page.getByRole('link', { name: 'Keep it running' })
    // Enter twice stops nothing: it asks, and what keeps the machine has the focus.
    await stop.focus()
    await page.keyboard.press('Enter')
    await until('the answer that keeps it has the focus', () =>
      keep.evaluate((link) => link === document.activeElement),
    )
    await page.keyboard.press('Enter')
    await stop.focus()
    await page.keyboard.press('Enter')
    await keep.waitFor()
    await expectGood(page, 'asked on its card')
    await page.getByRole('button', { name: 'Stop it' }).focus()
    await page.keyboard.press('Enter')
    const card = page.getByRole('listitem').filter({ has: page.getByRole('link', { name: 'Watched' }) })
    await card.getByText('Stopped', { exact: true }).waitFor()
    await stop.waitFor({ state: 'detached' })
  })
})

it('a launch that fails says why and what to do before anything else', async () => {
  await site.withPage({}, async (page) => {
    await launch(page, 'Fails')
    await machineStatus(page, 'Running')
    const id = page.url().split('/').at(-1) ?? ''
    site.changeDatabase((db) => {
      const failure = { errorClass: 'token_unreadable', message: 'It could not be opened.', detail: '' }
      markGone(db, { machineId: id, attempt: 1 }, failure, Date.now)
    })
    await machineStatus(page, 'Failed')
    const alert = page.getByRole('alert').filter({ hasText: 'It could not be opened.' })
    await alert.getByText('Save the token again, then relaunch.').waitFor()
    await alert.getByRole('button', { name: 'Launch again' }).waitFor()
    const inOrder = await page
      .locator('[role=alert], [role=log], h2')
      .evaluateAll((all) => all.map((one) => one.getAttribute('role') ?? one.textContent))
    expect(inOrder.slice(0, 3)).toEqual(['alert', 'Logs', 'log'])
    await expectGood(page, 'failed')
    await alert.getByRole('link', { name: 'Save the token again' }).click()
    await page.waitForURL('**/profile')
  })
})

it('an older answer that comes late does not take a machine’s page back', async () => {
  await site.withPage({}, async (page) => {
    const resume = await suspendWorker(site.app)
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    let held: Promise<unknown> = Promise.resolve()
    try {
      await launch(page, 'Late')
      await machineStatus(page, 'Queued')
      await until('scripts run', () =>
        page.evaluate<boolean>('Boolean(window.__remixRouter?.state.initialized)'),
      )
      await page.route(/\/machines\/\w+\.data/, async (route) => {
        const response = await route.fetch()
        await released
        await route.fulfill({ response })
      })
      const asked = page.waitForRequest(/\/machines\/\w+\.data/)
      held = page.evaluate('window.__remixRouter.revalidate(); 0')
      await asked
    } finally {
      resume()
    }
    await held
    await machineStatus(page, 'Running')
    release()
    await until('it is answered', () =>
      page.evaluate<boolean>('window.__remixRouter.state.revalidation === "idle"'),
    )
    await page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    )
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Running')
  })
})

it('no page complains in the browser’s console', async () => {
  await site.withPage({}, (page) =>
    expectQuiet(page, async () => {
      for (const path of ['/machines']) {
        await page.goto(path)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await page.waitForLoadState('load')
      }
      await launch(page, 'Quiet')
      await machineStatus(page, 'Running')
      await stopMachine(page)
      await machineStatus(page, 'Stopped')
    }),
  )
})
