import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { type FakeCivitai, startFakeCivitai } from '../fakes/civitai'
import { type FakeHub, startFakeHub } from '../fakes/hub'
import {
  clearToken,
  expectGood,
  expectQuiet,
  launch,
  machineStatus,
  openSite,
  stopMachine,
  tokenRow,
} from './pages'

const GOOD = 'hf_CANARYgood0123456789'
const FINE = 'hf_CANARYfine0123456789'
const DEAD = 'hf_CANARYdead0123456789'
const REPO = 'gated/model'
const FILE = `https://huggingface.co/${REPO}/blob/main/x.safetensors`

let hub: FakeHub
let civitai: FakeCivitai
const env: Record<string, string> = { TOKEN_CHECKS: 'on' }
beforeAll(async () => {
  hub = await startFakeHub({
    tokens: [GOOD, FINE],
    accounts: { [FINE]: { role: 'fineGrained', expiration: new Date(Date.now() + 3e8).toISOString() } },
    repos: { [REPO]: { files: { 'x.safetensors': 'x' }, gated: true, allowed: [GOOD] } },
  })
  civitai = await startFakeCivitai({ versions: {} })
  Object.assign(env, { HF_ENDPOINT: hub.url, CIVITAI_ENDPOINT: civitai.url })
  return () => Promise.all([hub.close(), civitai.close()])
})
const site = openSite(env)

const own = (page: Page) => tokenRow(page, 'Hugging Face')
const field = (page: Page) => own(page).locator('input[name=token]')

async function fill(page: Page, token: string) {
  await field(page).fill(token)
  await own(page).getByRole('button', { name: 'Save', exact: true }).click()
}

async function replace(page: Page, token: string) {
  await own(page).getByRole('link', { name: 'Replace' }).click()
  await fill(page, token)
}

async function ask(page: Page, model: string, says: string) {
  if (await own(page).getByLabel('Model on').isHidden())
    await own(page)
      .getByText(/Can this token|Does a model/)
      .click()
  await own(page).getByLabel('Model on').fill(model)
  await own(page).getByRole('button', { name: 'Ask' }).click()
  await own(page).getByText(says).waitFor()
}

it('a person learns from the row what is wrong with a token and who holds it, in words that everybody can read', {
  timeout: 90_000,
}, async () => {
  await site.withPage({}, async (page) => {
    await launch(page, 'Before any token')
    await machineStatus(page, 'Running')
    await page.goto('/profile')
    await fill(page, DEAD)
    await own(page).getByRole('button', { name: 'Save anyway' }).waitFor()
    await expectGood(page, 'refused by its issuer')
    await own(page).getByRole('button', { name: 'Save anyway' }).click()
    await own(page).getByText('Refused', { exact: true }).waitFor()
    await expectGood(page, 'saved all the same')
    await ask(page, REPO, `${REPO} does not open`)
    await expectGood(page, 'a model that doesn’t open')

    await replace(page, GOOD)
    await own(page).getByText('ada · read').waitFor()
    await ask(page, FILE, `${REPO}/x.safetensors opens`)
    await expectGood(page, 'a model that opens')
    await launch(page, 'With the good one')
    await machineStatus(page, 'Running')

    await page.goto('/profile')
    await replace(page, FINE)
    await own(page).getByText('Valid, with warnings').waitFor()
    await own(page).getByText('Has an older token').waitFor()
    await ask(page, REPO, 'Your fine-grained token may not read gated models')
    await expectGood(page, 'warnings and holders')

    hub.misbehaveApi({ status: 503 })
    await own(page).getByRole('button', { name: 'Check now' }).click()
    await own(page).getByText('answered with an error (503)').waitFor()
    await own(page).getByText('Valid, with warnings').waitFor()
    await expectGood(page, 'not checked')
    hub.misbehaveApi(undefined)

    await own(page).getByRole('link', { name: 'Relaunch all 2' }).click()
    await own(page).getByText('What they are working on ends.').waitFor()
    await expectGood(page, 'asked about a relaunch')
    await own(page).getByRole('button', { name: 'Relaunch them' }).click()
    await own(page).getByText('2 sessions are being relaunched').waitFor()
    await expectGood(page, 'relaunched')
    // Nobody reloads: the rows keep up by themselves.
    await expect.poll(() => own(page).getByText('Has this token').count(), { timeout: 20_000 }).toBe(2)
    await own(page).getByText('being relaunched').waitFor({ state: 'detached' })

    const other = await page.context().newPage()
    await other.goto('/machines')
    await other.getByRole('listitem').filter({ hasText: 'Running' }).first().getByRole('link').first().click()
    await stopMachine(other)
    await own(page).getByText('A session that was relaunched doesn’t run.').waitFor()
    await expectGood(page, 'relaunched in vain')
    await own(page).getByRole('link', { name: 'See what became of it' }).click()
    await machineStatus(page, 'Stopped')
  })
})

describe('without JavaScript', () => {
  it('tokens are checked, insisted on, and asked about', async () => {
    await site.withPage({ javaScriptEnabled: false }, async (page) => {
      await clearToken(page, 'Hugging Face')
      await fill(page, DEAD)
      await own(page).getByRole('button', { name: 'Save anyway' }).waitFor()
      expect(await own(page).locator('noscript').isVisible()).toBe(true)
      expect(await field(page).inputValue()).toBe('')
      await field(page).fill(DEAD)
      await own(page).getByRole('button', { name: 'Save anyway' }).click()
      await own(page).getByText('Refused', { exact: true }).waitFor()
      await replace(page, GOOD)
      await own(page).getByRole('button', { name: 'Check now' }).click()
      await own(page).getByText('ada · read').waitFor()
      expect(new URL(page.url()).search).toBe('')
      await ask(page, 'none/such', 'none/such does not open')
      await ask(page, 'such', 'Paste owner/name')
    })
  })
})

it('what the issuer refused stays typed, and is saved with one more click', async () => {
  await site.withPage({}, async (page) => {
    await clearToken(page, 'Hugging Face')
    await fill(page, DEAD)
    await own(page).getByRole('button', { name: 'Save anyway' }).waitFor()
    expect(await field(page).inputValue()).toBe(DEAD)
    await own(page).getByRole('button', { name: 'Save anyway' }).click()
    await own(page).getByText('Refused', { exact: true }).waitFor()
  })
})

it('the rows say nothing in the browser’s console', async () => {
  await site.withPage({}, (page) =>
    expectQuiet(page, async () => {
      await page.goto('/profile')
      await ask(page, REPO, 'does not open')
    }),
  )
})
