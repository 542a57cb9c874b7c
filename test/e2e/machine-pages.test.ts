import { afterEach, describe, expect, it } from 'vitest'
import { providerTokens } from '~/db/schema'
import { until } from '../support/until'
import { expectGood, expectQuiet, launch, machineStatus, openSite, saveToken, suspendWorker } from './pages'

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
      await page.getByText('Tokens changed since launch').waitFor()
      await expectGood(page, 'list')
      await page.goto(id)
      const opened = page.context().waitForEvent('page')
      await page.getByRole('button', { name: 'Open models & files' }).click()
      const files = await opened
      await files.locator('#root main').waitFor()
      await expectGood(files, 'files')
      await page.getByRole('button', { name: 'Stop' }).click()
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
    await page.getByRole('button', { name: 'Stop' }).click()
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
      await page.getByRole('button', { name: 'Stop' }).click()
      await machineStatus(page, 'Stopped')
    })
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
      await page.getByRole('button', { name: 'Stop' }).click()
      await machineStatus(page, 'Stopped')
    }),
  )
})
