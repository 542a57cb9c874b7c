import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { until } from '../support/until'
import { expectGood, goToOwn, launch, machineStatus, openSite, stopMachine, suspendWorker } from './pages'

const site = openSite()
const EVENTS = /\/trpc\/.*watch/

/** Loads of a page's data, and no other page's. @returns how often one failed */
async function failLoads(page: Page, path: string) {
  const failed: string[] = []
  await page.route(
    (url) => url.pathname === `${path}.data`,
    (route) => {
      failed.push(route.request().url())
      return route.abort('internetdisconnected')
    },
  )
  return failed
}

const mark = (page: Page) => page.evaluate(() => Object.assign(window, { isSameDocument: true }))
const isSameDocument = (page: Page) => page.evaluate(() => 'isSameDocument' in window)

describe('while the network is away a live page keeps what it shows, and goes on by itself once it is back', () => {
  it('a machine', async () => {
    await site.withPage({}, async (page) => {
      await page.route(EVENTS, (route) => route.abort('internetdisconnected'))
      const resume = await suspendWorker(site.app)
      try {
        await launch(page, 'Lasting')
        await machineStatus(page, 'Queued')
        await mark(page)
        const failed = await failLoads(page, new URL(page.url()).pathname)
        await until('two loads failed', () => failed.length >= 2)
        await machineStatus(page, 'Queued')
      } finally {
        resume()
      }
      await page.unrouteAll()
      await machineStatus(page, 'Running')
      expect(await isSameDocument(page)).toBe(true)
      await stopMachine(page)
      await machineStatus(page, 'Stopped')
    })
  })

  it('the list, and the form that is being filled in there', async () => {
    await site.withPage({}, async (page) => {
      await page.route(EVENTS, (route) => route.abort('internetdisconnected'))
      await page.goto('/machines')
      await page.getByLabel('Name').fill('Half a na')
      await mark(page)
      const failed = await failLoads(page, '/machines')
      await until('two loads failed', () => failed.length >= 2)
      expect(await page.getByLabel('Name').inputValue()).toBe('Half a na')
      await page.unrouteAll()
      await site.withPage({}, (other) => launch(other, 'Made elsewhere'))
      await page.getByRole('link', { name: 'Made elsewhere', exact: true }).waitFor()
      expect(await page.getByLabel('Name').inputValue()).toBe('Half a na')
      expect(await isSameDocument(page)).toBe(true)
    })
  })
})

it('a reload that failed is tried again, though nothing else asks for one', async () => {
  await site.withPage({}, async (page) => {
    await page.goto('/profile')
    await page.getByRole('heading', { level: 1 }).waitFor()
    await mark(page)
    const failed = await failLoads(page, '/profile')
    // The events tell of a change, once.
    await site.withPage({}, (other) => launch(other, 'A change'))
    await until('a load failed', () => failed.length >= 1)
    await page.unrouteAll()
    await page.waitForResponse((answer) => answer.url().includes('/profile.data') && answer.ok())
    expect(await isSameDocument(page)).toBe(true)
  })
})

it('events come again after something else answered in the server’s place', async () => {
  await site.withPage({}, async (page) => {
    let answered = 0
    await page.route(EVENTS, (route) =>
      answered++ < 2 ? route.fulfill({ status: 502, body: 'Bad gateway' }) : route.continue(),
    )
    const resume = await suspendWorker(site.app)
    try {
      await launch(page, 'Heard of again')
      await machineStatus(page, 'Queued')
      // What it shows from now on it has from the events.
      await failLoads(page, new URL(page.url()).pathname)
      await page.waitForResponse((answer) => EVENTS.test(answer.url()) && answer.ok())
    } finally {
      resume()
    }
    await machineStatus(page, 'Running')
  })
})

it('a page that may no longer be seen doesn’t stay because it was shown before', async () => {
  await site.withPage({}, async (page) => {
    await page.route(EVENTS, (route) => route.abort())
    await page.goto('/machines')
    await page.getByRole('heading', { level: 1, name: 'Machines' }).waitFor()
    await page.context().clearCookies()
    await page.waitForURL(/\/sign-in/)
  })
})

it('whoever follows a link without a connection is told so, and goes there by trying again', async () => {
  await site.withPage({}, async (page) => {
    await page.goto('/machines')
    await failLoads(page, '/profile')
    await goToOwn(page, 'Profile')
    await page.getByRole('heading', { name: 'No connection' }).waitFor()
    await expectGood(page, 'no connection')
    await page.unrouteAll()
    await page.getByRole('link', { name: 'Try again' }).click()
    await page.getByRole('heading', { level: 1, name: 'Profile' }).waitFor()
  })
})
