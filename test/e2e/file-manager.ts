import { mkdirSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { folderHref } from '~/filebrowser/page/use-location'
import { createFilebrowser, type Filebrowser } from '~/filebrowser/server'
import { parseSettings } from '~/filebrowser/settings'
import { startBrowser } from '../support/browser'
import { temporaryFolder } from '../support/temp-folder'

type Content = string | Uint8Array

/** The filebrowser with its page as it is built, without a Slipway before it, for the tests of one file. */
export function openFileManager() {
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser?.close())

  /**
   * A filebrowser with a workspace of its own. The test fails when the page's console says anything but that a
   * request was refused or lost.
   */
  async function withFiles(
    files: Record<string, Content>,
    work: (manager: { page: Page; workspace: string; restart: () => Promise<void> }) => Promise<void>,
    options: BrowserContextOptions = {},
  ) {
    const { path: workspace, remove } = temporaryFolder()
    fill(workspace, files)
    let running = await serve(workspace, 0)
    const { port } = running.server.address() as AddressInfo
    const context = await browser.newContext({ baseURL: `http://127.0.0.1:${port}`, ...options })
    context.setDefaultTimeout(15_000)
    const complaints: string[] = []
    context.on('console', (message) => {
      const isNews = !/Failed to load resource|net::ERR/.test(message.text())
      if (['error', 'warning'].includes(message.type()) && isNews) complaints.push(message.text())
    })
    context.on('weberror', (error) => complaints.push(String(error.error())))
    try {
      const restart = async () => {
        await running.close()
        running = await serve(workspace, port)
      }
      await work({ page: await context.newPage(), workspace, restart })
      expect(complaints).toEqual([])
    } finally {
      await context.close()
      await running.close()
      remove()
    }
  }

  return { withFiles }
}

async function serve(workspace: string, port: number): Promise<Filebrowser> {
  const settings = parseSettings({ PORT: String(port), WORKSPACE: workspace, SLIPWAY_MACHINE_NAME: 'Studio' })
  const filebrowser = await createFilebrowser(settings, { publicDir: 'build/filebrowser/public' })
  await new Promise<void>((resolve) => filebrowser.server.listen(port, '127.0.0.1', resolve))
  return filebrowser
}

export function fill(folder: string, files: Record<string, Content>) {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

export async function openFolder(page: Page, path: string) {
  await page.goto(`/${folderHref(path)}`)
  await page.getByRole('region', { name: 'Files' }).waitFor()
}

/** The names that the list shows, from the top. */
export const namesShown = (page: Page) =>
  page
    .getByRole('grid')
    .getByRole('checkbox', { name: /^Select (?!all$)/ })
    .evaluateAll((boxes) => boxes.map((box) => box.getAttribute('aria-label')?.slice('Select '.length)))

/** The row that has the focus, by its number from 0. */
export const focusedRow = (page: Page) =>
  page.evaluate(() => document.activeElement?.getAttribute('data-index') ?? document.activeElement?.tagName)

export async function chooseAction(page: Page, name: string, action: string) {
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click()
  await page.getByRole('menuitem', { name: action, exact: true }).click()
}

/** What was said last, to everybody. */
export const said = (page: Page, text: string | RegExp) => page.getByRole('status').getByText(text).waitFor()
