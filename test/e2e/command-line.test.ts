import { randomBytes } from 'node:crypto'
import type { Page } from 'playwright-core'
import { beforeAll, expect, it } from 'vitest'
import { openNpm } from '../cli/npm'
import type { RunOptions } from '../cli/run-command'
import { startFakeHub } from '../fakes/hub'
import { openSite } from './pages'
import { filesBelow, findSecrets } from './search'

const REPO = 'black-forest/gated-model'
const FILE = 'flux-dev.safetensors'
const TOKEN = `hf_CANARY${randomBytes(12).toString('hex')}`

let closeHub: () => Promise<void>
const site = openSite(async () => {
  const hub = await startFakeHub({
    tokens: [TOKEN],
    repos: { [REPO]: { gated: true, allowed: [TOKEN], files: { [FILE]: randomBytes(1024 * 1024) } } },
  })
  closeHub = hub.close
  return { HF_ENDPOINT: hub.url, TOKEN_CHECKS: 'on', DOWNLOAD_HOSTS: new URL(hub.storage.url).host }
})
beforeAll(() => () => closeHub())

it('the command from the server’s own package logs in by a browser, and does all the work until the browser revokes it', async () => {
  const { npm, runcomfy: run, folder } = openNpm()
  const ended: { name: string; text: string }[] = []
  /** @returns what it printed @throws when it ends with another code than `code` */
  const runcomfy = async (args: string, { code = 0, ...options }: RunOptions & { code?: number } = {}) => {
    const ran = await run([...args.split(' '), '-vv'], options)
    ended.push({ name: args, text: `${ran.stdout}\n${ran.stderr}\n${ran.commandLine}` })
    expect([args, ran.code, ran.stderr]).toEqual([args, code, ran.stderr])
    return ran.stdout
  }
  expect(await npm('install', '--global', `${site.app.url}/cli.tgz`)).toMatchObject({ code: 0 })

  await site.withPage({}, async (page) => {
    let seen = ''
    let authorized: Promise<void> | undefined
    const onOutput = (text: string) => {
      seen += text
      const code = /\b[A-Z]{4}-\d{4}\b/.exec(seen)?.[0]
      if (code) authorized ??= authorize(page, code)
    }
    expect(await runcomfy('login --name studio', { onOutput })).toMatch(/^Logged in to /)
    await authorized

    expect(await runcomfy('provider-tokens ls')).toMatch(/^huggingface +not saved$/m)
    await runcomfy('provider-tokens set huggingface', { stdin: `${TOKEN}\n` })
    const machine = JSON.parse(await runcomfy('machines launch --name One --wait --output json'))
    expect(machine).toMatchObject({ name: 'One', status: 'running' })
    const { downloads } = JSON.parse(await runcomfy(`downloads add One ${REPO} -f --output json`))
    expect(downloads).toMatchObject([{ name: FILE, state: 'done', verified: 'sha256' }])
    expect(await runcomfy('machines logs One --service filebrowser')).not.toBe('')
    await runcomfy('machines stop One')

    await page.goto('/profile')
    const row = page.getByRole('listitem', { name: 'studio' })
    await row.getByRole('link', { name: 'Revoke' }).click()
    await row.getByRole('button', { name: 'Revoke for good' }).click()
    await page.getByText('“studio” is revoked.').waitFor()
    await runcomfy('whoami', { code: 77 })
  })

  const login = filesBelow(folder).filter(({ text }) => /slipway_cli_\w{36}/.test(text))
  expect(login.map(({ name }) => name.slice(folder.length))).toEqual(['/.config/runcomfy/token.json'])
  const own = /slipway_cli_\w{36}/.exec(login[0]?.text ?? '')?.[0] ?? ''
  expect(findSecrets([...ended, ...filesBelow(site.app.folder)], [own, TOKEN])).toEqual([])
  expect(findSecrets(filesBelow(folder), [TOKEN])).toEqual([])
}, 90_000)

async function authorize(page: Page, code: string) {
  await page.goto('/cli-auth')
  await page.getByLabel('Code').fill(code.toLowerCase())
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByText('studio').first().waitFor()
  await page.getByRole('button', { name: 'Authorize' }).click()
  await page.getByRole('heading', { level: 1, name: 'Device authorized' }).waitFor()
}
