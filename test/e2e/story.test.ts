import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type FakeHub, startFakeHub } from '../fakes/hub'
import { type App, startApp } from '../support/app'
import { startBrowser } from '../support/browser'
import { goToOwn } from './pages'
import { recordAnswers } from './recorder'
import { commandLines, filesBelow, findSecrets, type Place, redisKeys } from './search'

const REPO = 'black-forest/gated-model'
const FILE = 'flux-dev.safetensors'
const MODEL = randomBytes(3 * 1024 * 1024)
const SHOWN = 'hf_CAN••••••••••••••••'
/** What the second has besides, so that every encoding of it looks different. */
const [FIRST, SECOND] = [
  `hf_CANARY1${randomBytes(12).toString('hex')}`,
  `hf_CANARY2+/=${randomBytes(12).toString('hex')}`,
]
const COMFYUI = `exec "${process.execPath}" -e 'require("http").createServer((_, answer) => answer.end("ComfyUI")).listen(process.env.PORT, process.env.HOST)'`

let hub: FakeHub
let app: App
let browser: Browser
let context: BrowserContext
let answers: ReturnType<typeof recordAnswers>
const seenArguments: Place[] = []

beforeAll(async () => {
  hub = await startFakeHub({
    tokens: [FIRST],
    repos: { [REPO]: { gated: true, allowed: [FIRST], files: { [FILE]: MODEL } } },
  })
  app = await startApp({
    HF_ENDPOINT: hub.url,
    TOKEN_CHECKS: 'on',
    DOWNLOAD_HOSTS: new URL(hub.storage.url).host,
    COMFYUI_COMMAND: COMFYUI,
  })
  browser = await startBrowser()
  context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' })
  context.setDefaultTimeout(20_000)
  answers = recordAnswers(context)
})

afterAll(async () => {
  await browser?.close()
  await app?.stop()
  await hub?.close()
})

it('a creator saves a token, launches, sees it in the machine, changes it, and sees that it stays until a relaunch', async () => {
  const page = await context.newPage()
  await signIn(page)

  await goToOwn(page, 'Profile')
  const row = page.getByRole('listitem', { name: 'Hugging Face' })
  await row.getByLabel('Hugging Face token').fill(` ${FIRST} `)
  await row.getByRole('button', { name: 'Save' }).click()
  await row.getByText(SHOWN).waitFor()
  await row.getByText('ada · read').waitFor()

  await tab(page, 'Machines')
  await page.getByRole('textbox', { name: 'Name' }).fill('Studio')
  await page.getByRole('button', { name: 'Launch' }).click()
  const first = await running(page)
  await page.getByRole('main').getByText(SHOWN).first().waitFor()
  await expectEnvironment(first, FIRST)

  const files = await openFiles(page)
  await lookUp(files)
  const start = files.getByRole('button', { name: /^Download 1 file/ })
  await start.waitFor()
  await start.click()
  await files.getByText('SHA-256 verified').waitFor()
  await files.getByRole('link', { name: /^models\// }).click()
  await files.getByRole('row', { name: FILE }).waitFor()
  expect(downloaded()).toEqual(MODEL)
  const tokensSent = new Set(hub.requests.map(({ authorization }) => authorization))
  expect([...tokensSent]).toEqual([`Bearer ${FIRST}`])
  await files.close()

  await goToOwn(page, 'Profile')
  await row.getByText('Has this token').waitFor()
  await row.getByRole('link', { name: 'Replace the Hugging Face token' }).click()
  await row.getByLabel('New Hugging Face token').fill(SECOND)
  await row.getByRole('button', { name: 'Save' }).click()
  await row.getByRole('button', { name: 'Save anyway' }).click()
  await row.getByText('Has an older token').waitFor()
  await row.getByRole('button', { name: 'Check now' }).click()
  await row.getByText('Refused', { exact: true }).waitFor()
  await row.getByText('Can this token open a model?').click()
  await row.getByLabel('Model on Hugging Face').fill(`${hub.url}/${REPO}?token=${SECOND}`)
  await row.getByRole('button', { name: 'Ask' }).click()
  await row.getByText('doesn’t accept your saved token').waitFor()
  await openMachine(page)
  await page.getByText('Your saved Hugging Face token has changed since this launch').waitFor()
  await expectEnvironment(first, FIRST)

  await page.getByRole('link', { name: 'Relaunch with today’s tokens' }).click()
  await page.getByRole('button', { name: 'Relaunch it' }).click()
  const second = await running(page, first)
  await expectEnvironment(second, SECOND)
  expect(app.processesOf(first)).toEqual([])
  expect(await page.getByText('since this launch').count()).toBe(0)
  const refused = await openFiles(page)
  await lookUp(refused)
  await refused.getByText('doesn’t accept the token of this session').first().waitFor()
  await refused.close()

  await goToOwn(page, 'Profile')
  await row.getByRole('link', { name: 'Clear the Hugging Face token' }).click()
  await row.getByRole('button', { name: 'Clear token' }).click()
  await row.getByLabel('Hugging Face token').waitFor()
  await openMachine(page)
  await page.getByText('Your saved Hugging Face token has changed since this launch').waitFor()
  await expectEnvironment(second, SECOND)
  await page.getByRole('link', { name: 'Relaunch with today’s tokens' }).click()
  await page.getByRole('button', { name: 'Relaunch it' }).click()
  const third = await running(page, second)
  await expectEnvironment(third, undefined)
  const without = await openFiles(page)
  await lookUp(without)
  await without.getByText('this session holds none').first().waitFor()
  await without.close()

  expect(hub.authorizationSeen).toEqual([])
}, 90_000)

it('no token is in any file, key, log, answer or argument after all that', async () => {
  const recorded = (await answers.all()).map((text, at) => ({ name: `answer ${at}`, text }))
  const files = filesBelow(app.folder)
  const keys = await redisKeys(app.redis)
  seenArguments.push(...commandLines())

  const places = [...files, ...keys, ...recorded, ...seenArguments]
  expect(findSecrets(places, [FIRST, SECOND])).toEqual([])

  // The search itself: each place was looked at, and would have shown something.
  const holding = (text: string, among: Place[]) =>
    among.filter((place) => place.text.includes(text)).map(({ name }) => name)
  expect(holding('hf_CAN', files).join()).toMatch(/slipway\.db/)
  expect(holding('launch_', files).join()).toMatch(/appendonlydir/)
  expect(holding('machine is running', files).join()).toMatch(/logs\/worker/)
  expect(holding('signed in', files).join()).toMatch(/logs\/web/)
  expect(files.some(({ name }) => /logs\/\w+\/filebrowser\.1\.0\.log$/.test(name))).toBe(true)
  expect(keys.length).toBeGreaterThan(0)
  for (const text of [SHOWN, 'Studio', 'SHA-256', '"status":"running"']) {
    const latin1 = Buffer.from(text).toString('latin1')
    expect([text, holding(text, recorded).length + holding(latin1, recorded).length]).not.toEqual([text, 0])
  }
  expect(holding('build/worker/index.js', seenArguments)).not.toEqual([])
  const encoded = Buffer.from(`Basic user:${SECOND}!`).toString('base64')
  expect(findSecrets([{ name: 'control', text: encoded }], [SECOND])).toEqual(['control'])
})

async function signIn(page: Page) {
  await page.goto(await app.signInLink())
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(`${app.url}/machines`)
}

const tab = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name }).click()

/** @returns the id of the machine that the page shows, once it runs */
async function running(page: Page, before?: string): Promise<string> {
  const idOf = (url: URL) => /^\/machines\/([a-z2-7]{16})$/.exec(url.pathname)?.[1]
  await page.waitForURL((url) => idOf(url) !== undefined && idOf(url) !== before)
  await page.getByRole('heading', { level: 1, name: /Running$/ }).waitFor()
  return idOf(new URL(page.url())) as string
}

async function openMachine(page: Page) {
  await tab(page, 'Machines')
  await page
    .getByRole('listitem')
    .filter({ hasText: 'Running' })
    .getByRole('link', { name: 'Studio', exact: true })
    .click()
}

async function openFiles(page: Page): Promise<Page> {
  const opened = context.waitForEvent('page')
  await page.getByRole('button', { name: 'Open models & files' }).click()
  const files = await opened
  await files.getByRole('heading', { level: 1, name: 'Studio' }).waitFor()
  return files
}

/** Asks what the model's address means. */
async function lookUp(files: Page) {
  await files.getByLabel('Model address').fill(`https://huggingface.co/${REPO}/blob/main/${FILE}`)
  await files.keyboard.press('Enter')
}

function downloaded(): Buffer {
  const found = filesBelow(join(app.dataDir, 'workspaces')).find(({ name }) => name.endsWith(`/${FILE}`))
  return readFileSync(found?.name ?? '')
}

/** What the machine's own processes were started with; undefined: no token at all. */
async function expectEnvironment(machineId: string, token: string | undefined) {
  const processes = app.processesOf(machineId)
  expect(processes.map(({ service }) => service).sort()).toEqual(['comfyui', 'filebrowser'])
  for (const { pid } of processes) {
    const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
    const names = ['HUGGINGFACE_TOKENS', 'HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN']
    const expected = token === undefined ? [] : names.map((name) => `${name}=${token}`)
    expect(variables.filter((line) => /TOKEN/.test(line)).sort()).toEqual(expected.sort())
    expect(variables.some((line) => /^(REDIS_URL|DATA_DIR|TOKEN_KEYS)=/.test(line))).toBe(false)
  }
  seenArguments.push(...commandLines())
}
