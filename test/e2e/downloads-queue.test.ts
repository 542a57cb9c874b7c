import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type FakeHub, startFakeHub } from '../fakes/hub'
import { until } from '../support/until'
import { field, openDownloads, post, row } from './downloads-site'
import { expectGood } from './pages'

const open = openDownloads()
const MODEL = randomBytes(2_000_000)
const OTHER = randomBytes(50_000)
const HOSTILE = `<img src=x onerror=alert(1)>-${'x'.repeat(120)}.safetensors`

let hub: FakeHub
let env: Record<string, string>
beforeAll(async () => {
  const files = { 'big.safetensors': MODEL, 'other.safetensors': OTHER, [HOSTILE]: OTHER }
  hub = await startFakeHub({ repos: { 'o/n': { files } } })
  env = { HF_ENDPOINT: hub.url, DOWNLOAD_HOSTS: new URL(hub.storage.url).host }
})
afterAll(() => hub?.close())
beforeEach(() => hub.misbehave(undefined))

const address = (name: string) => `${hub.url}/o/n/blob/main/${encodeURIComponent(name)}`
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** A download that holds on half way. */
async function addStalled(page: Page) {
  hub.misbehave('stall')
  await page.goto('/')
  await post(page, address('big.safetensors'))
  await row(page, 'big.safetensors').getByText('1.0 MB of 2.0 MB').waitFor()
}

it('a download is paused, goes on from where it was after a reload, and ends verified', async () => {
  const { page, workspace, complaints } = await open({ env })
  await addStalled(page)
  expect(await page.title()).toBe('50 % · Downloads · Studio')
  await button(page, 'Pause big.safetensors').focus()
  await page.keyboard.press('Enter')
  // The row has gone to another group, and the focus with it.
  await until('the focus is on what Pause became', () =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label') === 'Resume big.safetensors'),
  )
  hub.misbehave(undefined)
  hub.storage.release()

  await page.reload()
  await row(page, 'big.safetensors').getByText('Paused').waitFor()
  const asked = hub.storage.requests.length
  await button(page, 'Resume big.safetensors').click()
  await row(page, 'big.safetensors').getByText('SHA-256 verified').waitFor()
  const ranges = hub.storage.requests.slice(asked).map(({ headers }) => headers.range)
  expect(ranges.join()).toMatch(/^bytes=\d{6,}-$/)
  await page.getByText('big.safetensors is done.').waitFor({ state: 'attached' })
  await row(page, 'big.safetensors')
    .getByRole('link', { name: /models/ })
    .click()
  expect(new URL(page.url()).hash).toMatch(/^#\/files\/models\//)
  await page.getByRole('region', { name: 'Files' }).getByText('big.safetensors').first().waitFor()
  const folder = decodeURIComponent(new URL(page.url()).hash.replace('#/files/', ''))
  expect(readFileSync(join(workspace, folder, 'big.safetensors')).equals(MODEL)).toBe(true)
  expect(complaints).toEqual([])
}, 60_000)

it('a download is canceled, tried again, and taken off the list', async () => {
  const { page, workspace, complaints } = await open({ env })
  await addStalled(page)
  await button(page, 'Cancel big.safetensors').click()
  await row(page, 'big.safetensors').getByText('Canceled').waitFor()
  hub.storage.release()
  hub.misbehave({ status: 503 })
  await button(page, 'Retry big.safetensors').click()
  hub.misbehave(undefined)
  await row(page, 'big.safetensors').getByText('SHA-256 verified').waitFor()
  await button(page, 'Remove big.safetensors from the list').click()
  await page.getByText('Nothing is being downloaded').waitFor()
  await page.reload()
  await page.getByText('Nothing is being downloaded').waitFor()
  expect(existsSync(join(workspace, 'models'))).toBe(true)
  expect(complaints).toEqual([])
}, 60_000)

it('all are paused, resumed and cleared at once, while a failed one says why and is tried again', async () => {
  const { page, complaints } = await open({ env: { ...env, DOWNLOADS_AT_ONCE: '1' } })
  await addStalled(page)
  await post(page, address('other.safetensors'))
  await row(page, 'other.safetensors').getByText('Queued').waitFor()
  await button(page, 'Pause all').click()
  await page.getByRole('list', { name: 'Waiting 2' }).waitFor()
  hub.storage.release()
  hub.misbehave('html')
  await button(page, 'Resume all').click()
  await page.getByRole('list', { name: 'Failed 2' }).waitFor()
  await row(page, 'big.safetensors').getByText('web page').waitFor()
  hub.misbehave(undefined)
  await button(page, 'Retry failed').click()
  await page.getByRole('list', { name: 'Finished 2' }).waitFor()
  await button(page, 'Clear finished').click()
  await page.getByText('Nothing is being downloaded').waitFor()
  expect(complaints).toEqual([])
}, 60_000)

it('a lost connection is said, keeps what is shown, and mends itself when the machine is back', async () => {
  const { page, stop, startAgain } = await open({ env })
  await addStalled(page)
  await field(page).fill('half an addr')
  await stop()
  hub.storage.release()
  hub.misbehave(undefined)
  await page.getByText('Connection lost').waitFor()
  await row(page, 'big.safetensors').waitFor()
  await startAgain()
  await page.getByText('Connection lost').waitFor({ state: 'detached' })
  await row(page, 'big.safetensors').getByText('SHA-256 verified').waitFor()
  expect(await field(page).inputValue()).toBe('half an addr')
}, 60_000)

it('names are shown as text, and the page is good in light, dark and on the narrowest phone', async () => {
  const { page, complaints } = await open({ env })
  await addStalled(page)
  hub.misbehave('html')
  await post(page, address(HOSTILE))
  await row(page, '<img src=x').getByText('web page').waitFor()
  expect(await page.locator('img').count()).toBe(0)
  await expectGood(page, 'the queue')
  await page.getByRole('link', { name: 'Session' }).click()
  await page.getByRole('heading', { name: 'Tokens of this session' }).waitFor()
  await expectGood(page, 'the session')
  expect(complaints).toEqual([])
}, 60_000)
