import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, expect, it } from 'vitest'
import { createApiToken } from '~/db/api-tokens'
import { modelRequests } from '~/db/schema'
import { createSession } from '~/db/sessions'
import { createUser } from '~/db/users'
import { openNpm } from '../cli/npm'
import { type FakeHub, startFakeHub } from '../fakes/hub'
import { SOMEBODY, SOMEWHERE } from '../support/actors'
import { until } from '../support/until'
import { workflowFile } from '../web/publishing'
import { openSite, saveToken } from './pages'
import { commandLines, filesBelow, findSecrets, type Place, redisKeys } from './search'

const REPO = 'black-forest/gated-model'
const FILE = 'v1-5-pruned-emaonly-fp16.safetensors'
const CHECKPOINT = randomBytes(1024 * 1024)
const MODEL = 'ada/portrait'
/** Told apart by their first six letters, which a node of the machine tells. */
const [AUTHORS, CALLERS] = [
  `hf_CANARY${randomBytes(12).toString('hex')}`,
  `hf_MOCANARY${randomBytes(12).toString('hex')}`,
]
const PNG = Buffer.from('89504e470d0a1a0a', 'hex')

const WORKFLOW = {
  ...workflowFile('text-to-image'),
  '10': { class_type: 'Environment', inputs: {}, _meta: { title: 'Whose tokens' } },
  '11': { class_type: 'Environment', inputs: { letters: 999 }, _meta: { title: 'Whole tokens' } },
}

let hub: FakeHub
const site = openSite(async () => {
  const allowed = [AUTHORS, CALLERS]
  hub = await startFakeHub({
    tokens: allowed,
    repos: { [REPO]: { gated: true, allowed, files: { [FILE]: CHECKPOINT } } },
  })
  return {
    ALLOW_UNISOLATED: '1',
    HF_ENDPOINT: hub.url,
    TOKEN_CHECKS: 'off',
    DOWNLOAD_HOSTS: new URL(hub.storage.url).host,
    COMFYUI_COMMAND: `exec "${process.execPath}" "${join(process.cwd(), 'test/support/programs/comfyui.mjs')}"`,
  }
})
beforeAll(() => () => hub.close())

it('a workflow that one person publishes runs for another by command and by page, with the caller’s tokens alone', async () => {
  const caller = addCaller()
  const places: Place[] = []
  await site.withPage({}, async (author) => {
    await publish(author)
    const { npm, runcomfy: run, folder } = openNpm()
    expect(await npm('install', '--global', `${site.app.url}/cli.tgz`)).toMatchObject({ code: 0 })
    await site.withPage({ storageState: undefined }, async (page) => {
      await page.context().addCookies([{ name: 'slipway_session', value: caller.session, url: site.app.url }])
      await saveToken(page, 'Hugging Face', CALLERS)

      const env = { RUNCOMFY_TOKEN: caller.token, RUNCOMFY_WEB_BASE: site.app.url }
      const input = ['--input', '{"prompt": "a lighthouse", "seed": 7}', '--output-dir', folder]
      const ran = await run(['run', MODEL, ...input, '-vv', '--output', 'json'], { env })
      expect([ran.code, ran.stderr]).toEqual([0, ran.stderr])
      places.push({ name: 'what the command said', text: ran.stdout + ran.stderr + ran.commandLine })
      const { request_id: id, output, files } = JSON.parse(ran.stdout)
      expect(files).toHaveLength(1)
      const picture = readFileSync(files[0].path)
      expect(picture.subarray(0, PNG.length)).toEqual(PNG)
      expectCallersTokens(output.whose_tokens)
      expect(output.whole_tokens.join()).toMatch(/left out/)
      expectOnceDownloaded()

      await page.goto(`/models/${MODEL}`)
      await page.getByLabel(/^Prompt/).fill('A harbour')
      await page.getByRole('button', { name: 'Run' }).click()
      const result = page.getByRole('region', { name: 'Result' })
      const pictureShown = result.getByRole('img')
      await until('the picture is there', () =>
        pictureShown.evaluate((image) => (image as HTMLImageElement).naturalWidth > 0),
      )
      await result.getByText('HF_TOKEN=hf_MOC').waitFor()
      places.push({ name: 'page', text: await page.content() }, ...commandLines())

      const file = new URL(files[0].url).pathname
      const own = `/v1/requests/${id}`
      for (const path of [`/requests/${id}`, `${own}/status`, `${own}/result`, file]) {
        const statusFor = async (who: Page) => (await who.request.get(path)).status()
        expect([path, await statusFor(page), await statusFor(author)]).toEqual([path, 200, 404])
      }
    })
    places.push(...filesBelow(folder))
  })

  const requests = site.changeDatabase((db) => db.select().from(modelRequests).all())
  expect(requests.map(({ status, userId }) => [status, userId])).toEqual(
    Array(2).fill(['completed', caller.id]),
  )
  expect(new Set(requests.map(({ machineId }) => machineId)).size).toBe(1)

  places.push(...filesBelow(site.app.folder), ...(await redisKeys(site.app.redis)))
  expect(places.some(({ text }) => text.includes('A harbour'))).toBe(true)
  expect(findSecrets(places, [AUTHORS, CALLERS, caller.token])).toEqual([])
}, 90_000)

/** Somebody who may call models, with a browser's session and an API token. */
const addCaller = () =>
  site.changeDatabase((db) => {
    const now = Date.now
    const { id } = createUser(db, { name: 'Mo', role: 'member', email: 'mo@example.org' }, now)
    const given = {
      userId: id,
      type: 'api',
      name: 'Studio',
      scopes: ['models:write'],
      expiresAt: null,
    } as const
    return {
      id,
      session: createSession(db, { userId: id, from: SOMEWHERE }, now),
      token: createApiToken(db, given, SOMEBODY, now).token,
    }
  })

async function publish(page: Page) {
  await saveToken(page, 'Hugging Face', AUTHORS)
  await page.goto('/models/new')
  await page.getByRole('textbox', { name: 'Username' }).fill('ada')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Choose it for good' }).click()
  const buffer = Buffer.from(JSON.stringify(WORKFLOW))
  await page
    .getByLabel('Workflow file')
    .setInputFiles({ name: 'a.json', mimeType: 'application/json', buffer })
  for (const [title, name] of [
    ['Whose tokens', 'whose_tokens'],
    ['Whole tokens', 'whole_tokens'],
  ] as const) {
    const output = page.getByRole('listitem').filter({ has: page.getByRole('checkbox', { name: title }) })
    await output.getByRole('checkbox').check()
    await output.getByLabel('Name').fill(name)
  }
  await page
    .getByLabel('Name', { exact: true })
    .first()
    .fill(MODEL.split('/')[1] ?? '')
  await page.getByLabel('Title', { exact: true }).first().fill('Portraits')
  await page.getByRole('radio', { name: /Everyone here/ }).check()
  await page.getByLabel('Address (optional)').fill(`${hub.url}/${REPO}/blob/main/${FILE}`)
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  await page.waitForURL(`**/models/${MODEL}`)
}

/** By what a node of theirs sees. */
function expectCallersTokens(seen: string[]) {
  const names = ['HF_TOKEN', 'HUGGINGFACE_TOKENS', 'HUGGING_FACE_HUB_TOKEN']
  expect(seen).toEqual([names.map((name) => `${name}=hf_MOC`).join('\n')])
}

/** By the caller's machine, with the caller's token. */
function expectOnceDownloaded() {
  const tokensSent = new Set(hub.requests.map(({ authorization }) => authorization))
  expect([...tokensSent]).toEqual([`Bearer ${CALLERS}`])
  expect(hub.authorizationSeen).toEqual([])
  const found = filesBelow(join(site.app.dataDir, 'workspaces')).filter(({ name }) =>
    name.endsWith(`/${FILE}`),
  )
  expect(found.map(({ text }) => Buffer.from(text, 'latin1').equals(CHECKPOINT))).toEqual([true])
}
