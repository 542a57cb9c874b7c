import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { createFilebrowser } from '~/filebrowser/server'
import { parseSettings } from '~/filebrowser/settings'
import { startBrowser } from '../support/browser'

interface SiteOptions {
  env?: Record<string, string>
  freeBytes?: () => Promise<number>
  browser?: BrowserContextOptions
}

/** The page as it is built, of a filebrowser without a Slipway round it, in a real browser. */
export function openDownloads() {
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser?.close())

  /** A filebrowser with a workspace of its own, and its page; both end with the test. */
  return async function open({ env = {}, freeBytes, browser: options }: SiteOptions = {}) {
    const workspace = await mkdtemp(join(tmpdir(), 'downloads-page-'))
    const variables = { SLIPWAY_MACHINE_NAME: 'Studio', PORT: '0', WORKSPACE: workspace, ...env }
    const log: string[] = []
    const start = async (port: number) => {
      const settings = parseSettings({ ...variables, PORT: String(port) })
      const program = await createFilebrowser(settings, {
        publicDir: 'build/filebrowser/public',
        freeBytes,
        log: (line) => log.push(line),
      })
      await new Promise<void>((resolve) => program.server.listen(port, '127.0.0.1', resolve))
      return program
    }
    let program = await start(0)
    const { port } = program.server.address() as AddressInfo
    const context = await browser.newContext({ baseURL: `http://127.0.0.1:${port}`, ...options })
    context.setDefaultTimeout(15_000)
    const page = await context.newPage()
    const complaints = listen(page)
    onTestFinished(async () => {
      await context.close()
      await program.close()
      await rm(workspace, { recursive: true, force: true })
    })
    return {
      page,
      workspace,
      log,
      /** What the browser's console had to say, but for answers that say no. */
      complaints,
      stop: () => program.close(),
      startAgain: async () => {
        program = await start(port)
      },
    }
  }
}

function listen(page: Page): string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    const isNo = message.text().startsWith('Failed to load resource')
    if (['error', 'warning'].includes(message.type()) && !isNo) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return complaints
}

export const field = (page: Page) => page.getByLabel('Model address')

/** Asks what an address means. */
export async function lookUp(page: Page, address: string) {
  await field(page).fill(address)
  await page.keyboard.press('Enter')
}

/** Adds a download as a script would. */
export async function post(page: Page, source: string) {
  const headers = { 'X-Requested-With': 'test' }
  const answer = await page.request.post('/api/downloads', { headers, data: { source } })
  if (answer.status() !== 202) throw new Error(`refused: ${await answer.text()}`)
}

/** The row of a download. */
export const row = (page: Page, name: string) =>
  page.getByRole('region', { name: 'Queue' }).getByRole('listitem').filter({ hasText: name })
