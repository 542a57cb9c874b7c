import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/temp-folder'
import { until } from '../support/until'
import { fill, openFileManager, openFolder } from './file-manager'

const { withFiles } = openFileManager()
const LARGE = randomBytes(6_000_000)

const choose = (page: Page, files: Parameters<Page['setInputFiles']>[1]) =>
  page.getByLabel('Files to upload').setInputFiles(files)
const uploads = (page: Page) => page.getByRole('region', { name: 'Uploads' })
const arrived = (page: Page, name: string) =>
  uploads(page)
    .getByRole('button', { name: `Take ${name} off the list` })
    .waitFor()
const text = (workspace: string, path: string) => readFileSync(join(workspace, path), 'utf8')

/** The line as slow as of somebody at home; 0 as fast as it gets. */
async function slowLine(page: Page, bytesPerSecond: number) {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytesPerSecond || -1,
  })
}

/** Where each request that carried bytes began. */
function offsetsSent(page: Page): number[] {
  const offsets: number[] = []
  page.on('request', (request) => {
    const offset = request.headers()['upload-offset']
    if (request.method() === 'PATCH' && offset !== undefined) offsets.push(Number(offset))
  })
  return offsets
}

/** As if dragged out of the system's own file manager. */
async function dropOnList(page: Page, paths: string[]) {
  const session = await page.context().newCDPSession(page)
  const data = { items: [], files: paths, dragOperationsMask: 1 }
  const { x = 0, y = 0 } = (await page.getByRole('region', { name: 'Files' }).boundingBox()) ?? {}
  const at = { x: x + 200, y: y + 150, data }
  await session.send('Input.dispatchDragEvent', { type: 'dragEnter', ...at })
  await session.send('Input.dispatchDragEvent', { type: 'dragOver', ...at })
  await page.getByText('Drop to upload to').waitFor()
  await session.send('Input.dispatchDragEvent', { type: 'drop', ...at })
}

const isHalfWay = (page: Page) =>
  until('some of it has left', async () =>
    uploads(page)
      .getByRole('progressbar')
      .evaluateAll((bars) => bars.some((bar) => (bar as HTMLProgressElement).value > 0.2)),
  )

describe('uploading', { timeout: 60_000 }, () => {
  it('takes whole folders that are dropped, with the empty ones in them, and says where they go', async () => {
    const source = temporaryFolder()
    fill(source.path, { 'set/a.txt': 'a', 'set/deep/b.txt': 'b', 'set/none/x': '', 'alone.txt': 'alone' })
    await withFiles({}, async ({ page, workspace }) => {
      await openFolder(page, 'input')
      await page.getByText('This folder is empty').waitFor()
      await dropOnList(page, [join(source.path, 'set'), join(source.path, 'alone.txt')])
      await page.getByText('4 files uploaded').waitFor()
      const below = readdirSync(join(workspace, 'input'), { recursive: true }).sort()
      expect(below).toEqual(
        ['alone.txt', 'set', 'set/a.txt', 'set/deep', 'set/deep/b.txt', 'set/none', 'set/none/x'].sort(),
      )
      expect(text(workspace, 'input/set/deep/b.txt')).toBe('b')
      await page.getByRole('row', { name: 'set' }).waitFor()
    })
    source.remove()
  })

  it('asks what becomes of files that are already there, once for all or for each', async () => {
    await withFiles(
      { 'input/a.txt': 'old', 'input/b.txt': 'old', 'input/c.txt': 'old' },
      async ({ page, workspace }) => {
        await openFolder(page, 'input')
        const file = (name: string, content = 'new') => ({
          name,
          mimeType: 'text/plain',
          buffer: Buffer.from(content),
        })
        await choose(page, [file('a.txt'), file('b.txt'), file('c.txt'), file('d.txt')])
        await uploads(page).getByText('3 files are already there:').waitFor()
        await arrived(page, 'd.txt')
        const asked = (name: string) => uploads(page).getByRole('group', { name: `${name} is already there` })
        await asked('a.txt').getByRole('button', { name: 'Replace' }).click()
        await asked('b.txt').getByRole('button', { name: 'Keep both' }).click()
        await asked('c.txt').getByRole('button', { name: 'Skip' }).click()

        await arrived(page, 'a.txt')
        await arrived(page, 'b (2).txt')
        const folder = Object.fromEntries(
          readdirSync(join(workspace, 'input')).map((name) => [name, text(workspace, `input/${name}`)]),
        )
        expect(folder).toEqual({
          'a.txt': 'new',
          'b.txt': 'old',
          'b (2).txt': 'new',
          'c.txt': 'old',
          'd.txt': 'new',
        })
      },
    )
  })

  it('goes on from what has arrived when the filebrowser was restarted in between', async () => {
    await withFiles({}, async ({ page, workspace, restart }) => {
      await openFolder(page, 'input')
      const offsets = offsetsSent(page)
      await slowLine(page, 1_500_000)
      await choose(page, { name: 'large.bin', mimeType: 'application/octet-stream', buffer: LARGE })
      await isHalfWay(page)
      await restart()
      await slowLine(page, 0)
      await arrived(page, 'large.bin')
      expect(readFileSync(join(workspace, 'input/large.bin')).equals(LARGE)).toBe(true)
      expect(offsets.at(-1)).toBeGreaterThan(0)
    })
  })

  it('goes on from what has arrived when the same file is chosen after a reload', async () => {
    const source = temporaryFolder()
    fill(source.path, { 'large.bin': LARGE })
    await withFiles({}, async ({ page, workspace }) => {
      await openFolder(page, 'input')
      await slowLine(page, 1_500_000)
      await choose(page, join(source.path, 'large.bin'))
      await isHalfWay(page)
      // Whoever leaves is asked whether they mean it.
      page.on('dialog', (dialog) => dialog.accept())
      await page.reload()
      expect(readdirSync(join(workspace, 'input'))).toEqual([])
      const offsets = offsetsSent(page)
      await slowLine(page, 0)
      await choose(page, join(source.path, 'large.bin'))
      await arrived(page, 'large.bin')
      expect(readFileSync(join(workspace, 'input/large.bin')).equals(LARGE)).toBe(true)
      expect(offsets[0]).toBeGreaterThan(0)
    })
    source.remove()
  })

  it('is told in the navigation while another view is looked at', async () => {
    await withFiles({}, async ({ page }) => {
      await openFolder(page, 'input')
      await slowLine(page, 1_500_000)
      const buffer = LARGE.subarray(0, 3_000_000)
      await choose(page, { name: 'half.bin', mimeType: 'application/octet-stream', buffer })
      await page.getByRole('link', { name: 'Session' }).click()
      await page.getByRole('link', { name: /^Files Uploading 1 · [1-9]\d? %$/ }).waitFor()
      await slowLine(page, 0)
      await page.getByRole('link', { name: 'Files', exact: true }).waitFor()
    })
  })

  it('needs nothing more of the page than what has come with it', async () => {
    await withFiles({}, async ({ page, workspace }) => {
      await openFolder(page, 'input')
      await page.route('**/assets/**', (route) => route.abort())
      await choose(page, { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') })
      await arrived(page, 'a.txt')
      expect(text(workspace, 'input/a.txt')).toBe('a')
    })
  })

  it('pauses, goes on and is canceled by a click, and nothing of a canceled one stays', async () => {
    await withFiles({}, async ({ page, workspace }) => {
      await openFolder(page, 'input')
      await slowLine(page, 1_500_000)
      const file = { name: 'large.bin', mimeType: 'application/octet-stream', buffer: LARGE }
      await choose(page, file)
      await isHalfWay(page)
      await uploads(page).getByRole('button', { name: 'Pause large.bin' }).click()
      await uploads(page).getByText('paused').waitFor()
      await uploads(page).getByRole('button', { name: 'Go on with large.bin' }).click()
      await uploads(page).getByText('to input').waitFor()
      await uploads(page).getByRole('button', { name: 'Cancel the upload of large.bin' }).click()
      await uploads(page).waitFor({ state: 'detached' })
      const stored = () => readdirSync(join(workspace, '.slipway/uploads'))
      await until('what had arrived is gone', () => stored().length === 0)
      expect(readdirSync(join(workspace, 'input'))).toEqual([])
    })
  })
})
