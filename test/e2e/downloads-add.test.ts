import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type FakeCivitai, startFakeCivitai } from '../fakes/civitai'
import { type FakeHub, startFakeHub } from '../fakes/hub'
import { field, lookUp, openDownloads, row } from './downloads-site'
import { expectGood } from './pages'

const open = openDownloads()
const [TOKEN, STRANGER] = [`hf_CANARY1${'a'.repeat(28)}`, `hf_CANARY2${'b'.repeat(28)}`]
const MODEL = randomBytes(300_000)
const LORA = randomBytes(20_000)
const LATER = new Date(Date.now() + 86_400_000).toISOString()

let hub: FakeHub
let civitai: FakeCivitai
let env: Record<string, string>
beforeAll(async () => {
  hub = await startFakeHub({
    tokens: [TOKEN, STRANGER],
    repos: {
      'lab/gated': { gated: true, allowed: [TOKEN], files: { 'flux-dev.safetensors': MODEL } },
      'lab/open': { files: { 'vae/ae.safetensors': MODEL, 'old.ckpt': LORA, 'README.md': 'Hello' } },
    },
  })
  const file = { id: 7, name: 'style.safetensors', content: LORA, primary: true }
  civitai = await startFakeCivitai({
    versions: {
      11: { modelId: 1, modelType: 'LORA', files: [file] },
      22: { modelId: 2, modelType: 'LORA', files: [file], earlyAccess: LATER },
      33: { modelId: 3, files: [file], archived: true },
      44: { modelId: 4, modelType: 'LORA', files: [file], needsKey: true },
    },
  })
  env = {
    HF_ENDPOINT: hub.url,
    HF_TOKEN: TOKEN,
    CIVITAI_ENDPOINT: civitai.url,
    DOWNLOAD_HOSTS: [hub, civitai].map(({ storage }) => new URL(storage.url).host).join(),
  }
})
afterAll(() => Promise.all([hub?.close(), civitai?.close()]))
beforeEach(() => {
  hub.misbehave(undefined)
  civitai.misbehave(undefined)
})

it('a gated model is there and verified after its address was pasted and Enter pressed', async () => {
  const { page, workspace, complaints } = await open({ env, browser: { permissions: ['clipboard-write'] } })
  await page.goto('/')
  const copied = `${hub.url}/lab/gated/blob/main/flux-dev.safetensors`
  await page.evaluate((text) => navigator.clipboard.writeText(text), copied)
  await field(page).focus()
  await page.keyboard.press('Control+V')
  await page.getByText('Gated, and open to your token').waitFor()
  await page.getByRole('button', { name: 'Download 1 file · 300 kB' }).waitFor()
  await page.keyboard.press('Enter')
  await row(page, 'flux-dev.safetensors').getByText('SHA-256 verified').waitFor()
  expect(await field(page).inputValue()).toBe('')
  const folder = await row(page, 'flux-dev.safetensors')
    .getByRole('link', { name: /^models/ })
    .textContent()
  expect(readFileSync(join(workspace, folder ?? '', 'flux-dev.safetensors')).equals(MODEL)).toBe(true)

  await lookUp(page, copied)
  await page.getByText('Here already:').waitFor()
  expect(await page.getByRole('checkbox').isDisabled()).toBe(true)
  await page.getByText('All of it is here already.').first().waitFor()
  expect(await page.content()).not.toContain('CANARY1a')
  expect(complaints).toEqual([])
}, 60_000)

it('of a repository the wanted files go where a person says', async () => {
  const { page, workspace, complaints } = await open({ env })
  await page.goto('/')
  await lookUp(page, 'lab/open')
  await page.getByRole('heading', { name: 'lab/open' }).waitFor()
  await page.getByRole('button', { name: 'Select none' }).click()
  await page.getByText('Nothing is chosen.').first().waitFor()
  const old = page
    .getByRole('region', { name: 'lab/open' })
    .getByRole('listitem')
    .filter({ hasText: 'old.ckpt' })
  await old.getByText('can run code').waitFor()
  await old.getByRole('checkbox').check()
  await old.getByRole('combobox').selectOption('Other…')
  await page.keyboard.type('models/loras/mine')
  await expectGood(page, 'a plan')
  await page.getByRole('button', { name: /^Download 1 file/ }).click()
  await row(page, 'old.ckpt').getByText('SHA-256 verified').waitFor()
  expect(readFileSync(join(workspace, 'models/loras/mine/old.ckpt')).equals(LORA)).toBe(true)
  expect(complaints).toEqual([])
}, 60_000)

it('what can’t be had is said in a sentence with a link, beside the address that stays', async () => {
  const { page } = await open({ env: { ...env, HF_TOKEN: STRANGER } })
  await page.goto('/')
  const cases: [string, string, RegExp][] = [
    [`${hub.url}/lab/gated/blob/main/flux-dev.safetensors`, 'terms', /lab\/gated/],
    [`${hub.url}/lab/none/blob/main/a.safetensors`, 'shows no such repository', /lab\/none/],
    [`${hub.url}/lab/open/blob/main/none.safetensors`, 'no such file at that revision', /lab\/open/],
    [`${civitai.url}/models/2`, 'Early Access', /models\/2/],
    [`${civitai.url}/models/3`, 'is archived', /models\/3/],
    [`${civitai.url}/models/4`, 'wants a token', /user\/account/],
    ['https://models.example.org/a.safetensors', 'models.example.org', /^#\/session$/],
  ]
  const section = page.getByRole('region', { name: 'Add models' })
  for (const [address, sentence, link] of cases) {
    await lookUp(page, address)
    const said = section.locator('p', { hasText: sentence }).filter({ has: page.getByRole('link') })
    const href = await said.getByRole('link').last().getAttribute('href')
    expect([address, href]).toEqual([address, expect.stringMatching(link)])
    expect(await field(page).inputValue()).toBe(address)
    expect([address, await page.getByRole('button', { name: /^Download \d/ }).count()]).toEqual([address, 0])
  }
  await lookUp(page, TOKEN)
  await page.getByText('That looks like a token.').waitFor()
  expect(await field(page).inputValue()).toBe('')
  const asked = hub.requests.map(({ url }) => url).join()
  expect(asked).not.toContain('CANARY')
}, 60_000)

it('a workflow that is dropped shows what is here and what is missing, and brings the missing', async () => {
  const { page, workspace, complaints } = await open({ env })
  mkdirSync(join(workspace, 'models/upscale_models'), { recursive: true })
  writeFileSync(join(workspace, 'models/upscale_models/here.pth'), 'x')
  const url = `${hub.url}/lab/open/resolve/main/vae/ae.safetensors`
  const workflow = {
    nodes: [
      {
        type: 'VAELoader',
        widgets_values: ['ae.safetensors'],
        properties: { models: [{ name: 'ae.safetensors', url, directory: 'vae' }] },
      },
      { type: 'LoraLoader', widgets_values: ['secret.safetensors', 1, 1] },
      { type: 'UpscaleModelLoader', widgets_values: ['here.pth'] },
    ],
  }
  await page.goto('/')
  const dropped = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer()
    transfer.items.add(new File([text], 'portrait.json', { type: 'application/json' }))
    return transfer
  }, JSON.stringify(workflow))
  await page.getByRole('region', { name: 'Queue' }).dispatchEvent('drop', { dataTransfer: dropped })
  const plan = page.getByRole('region', { name: 'portrait.json' })
  await plan.getByRole('list', { name: 'Here already' }).getByText('models/upscale_models/here.pth').waitFor()
  const lost = plan.getByRole('list', { name: 'Missing, and nobody says where from' })
  await lost.getByText('secret.safetensors').first().waitFor()
  const searches = await lost
    .getByRole('link')
    .evaluateAll((all) => all.map((each) => each.getAttribute('href')))
  expect(searches).toEqual([
    'https://huggingface.co/models?search=secret',
    'https://civitai.com/search/models?query=secret',
  ])
  await expectGood(page, 'the plan of a workflow')
  await page.getByRole('button', { name: /^Download 1 file/ }).click()
  await row(page, 'ae.safetensors').getByText('SHA-256 verified').waitFor()
  expect(readFileSync(join(workspace, 'models/vae/ae.safetensors')).equals(MODEL)).toBe(true)
  expect(complaints).toEqual([])
}, 60_000)

it('several addresses are looked up together, and what doesn’t fit can’t be started', async () => {
  const { page, complaints } = await open({ env, freeBytes: async () => 310_000 })
  await page.goto('/')
  await lookUp(
    page,
    `${civitai.url}/models/1\nlab/nothing here\n${hub.url}/lab/open/blob/main/vae/ae.safetensors`,
  )
  await page
    .getByText(/^It doesn’t fit/)
    .first()
    .waitFor()
  expect(await page.getByRole('button', { name: /^Download 2 files/ }).isDisabled()).toBe(true)
  await page.getByRole('checkbox', { name: 'Download ae.safetensors' }).uncheck()
  await page.getByRole('button', { name: /^Download 1 file/ }).click()
  await row(page, 'style.safetensors').getByText('SHA-256 verified').waitFor()
  expect(await row(page, 'style.safetensors').getByRole('link').first().textContent()).toBe('models/loras')
  expect(complaints).toEqual([])
}, 60_000)
