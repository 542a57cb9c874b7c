import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { until } from '../support/until'
import { chooseAction, openFileManager, openFolder, said } from './file-manager'
import { expectGood } from './pages'

const { withFiles } = openFileManager()
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

function safetensors(metadata: Record<string, string>): Buffer {
  const head = Buffer.from(
    JSON.stringify({ __metadata__: metadata, w: { dtype: 'F16', shape: [3, 100], data_offsets: [0, 600] } }),
  )
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(head.length))
  return Buffer.concat([length, head, Buffer.alloc(600)])
}

const show = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

describe('a preview', { timeout: 60_000 }, () => {
  it('shows pictures, text and what a model says of itself, and of others why there is none', async () => {
    const files = {
      'output/a.png': PICTURE,
      'output/b.txt': '<b>bold</b>',
      'output/c.safetensors': safetensors({ 'modelspec.title': 'Fine <i>model</i>' }),
      'output/d.bin': Buffer.from([0, 255, 0, 254]),
      'output/e.png': 'no picture',
    }
    await withFiles(files, async ({ page }) => {
      await openFolder(page, 'output')
      await show(page, 'a.png')
      const picture = page.getByRole('img', { name: 'a.png' })
      await until('it is painted', () =>
        picture.evaluate((image: HTMLImageElement) => image.naturalWidth === 1),
      )
      await page.keyboard.press('ArrowRight')
      await page.getByRole('dialog', { name: 'b.txt' }).getByText('<b>bold</b>').waitFor()
      await page.keyboard.press('ArrowRight')
      const facts = page.getByRole('dialog', { name: 'c.safetensors' })
      await facts.getByText('Fine <i>model</i>').waitFor()
      await facts.getByText('300 (300)').waitFor()
      await page.keyboard.press('ArrowRight')
      await page.getByRole('dialog', { name: 'd.bin' }).getByText('No preview', { exact: true }).waitFor()
      await page.keyboard.press('ArrowRight')
      await page.getByRole('dialog', { name: 'e.png' }).getByText('No preview', { exact: true }).waitFor()
      await page.keyboard.press('ArrowRight')
      await page.getByRole('dialog', { name: 'e.png' }).waitFor()
      await page.keyboard.press('Escape')
      expect(await page.getByRole('dialog').count()).toBe(0)
    })
  })
})

describe('the file manager looks good and reads well', { timeout: 90_000 }, () => {
  it('as a selection and a search', async () => {
    const files = { 'output/a.txt': 'a', [`output/${'long '.repeat(40)}.safetensors`]: 'b' }
    await withFiles(files, async ({ page }) => {
      await openFolder(page, 'output')
      await page.getByRole('checkbox', { name: 'Select all' }).click()
      await page.getByText('2 selected').waitFor()
      await expectGood(page, 'a selection')
      await openFolder(page, '')
      await page.getByRole('searchbox').fill('a.txt')
      await page.getByText('1 found').waitFor()
      await expectGood(page, 'a search')
    })
  })

  it('in its dialogs, its menu, and with messages over it', async () => {
    await withFiles({ 'output/a.txt': 'a', 'output/b.txt': 'b', 'input/b.txt': 'b' }, async ({ page }) => {
      await openFolder(page, 'output')
      await show(page, 'a.txt')
      await page.getByRole('dialog').getByText('a', { exact: true }).waitFor()
      await expectGood(page, 'a preview')
      await page.keyboard.press('Escape')
      await chooseAction(page, 'a.txt', 'Move to…')
      await page.getByRole('button', { name: 'Move here' }).waitFor()
      await expectGood(page, 'the choice of a folder')
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Actions for a.txt' }).click()
      await expectGood(page, 'a menu')
      await page.getByRole('menuitem', { name: 'Delete', exact: true }).click()
      await said(page, 'Deleted a.txt.')
      await page.getByLabel('Files to upload').setInputFiles([
        { name: 'b.txt', mimeType: 'text/plain', buffer: PICTURE },
        { name: 'c.txt', mimeType: 'text/plain', buffer: PICTURE },
      ])
      await page.getByRole('group', { name: 'b.txt is already there' }).waitFor()
      await page.getByRole('button', { name: 'Take c.txt off the list' }).waitFor()
      await expectGood(page, 'uploads')
      await page.getByRole('button', { name: 'More', exact: true }).click()
      await page.getByRole('menuitem', { name: 'Recently deleted' }).click()
      await page.getByRole('button', { name: 'Restore a.txt' }).waitFor()
      await expectGood(page, 'what was deleted')
    })
  })

  it('has every action in reach on a narrow screen', async () => {
    await withFiles(
      { 'output/a.txt': 'a' },
      async ({ page }) => {
        await openFolder(page, 'output')
        await page.getByRole('row', { name: 'a.txt' }).click({ position: { x: 250, y: 10 } })
        await page.getByText('1 selected').waitFor()
        await page.getByRole('button', { name: 'More for what is selected' }).click()
        const items = await page.getByRole('menuitem').allTextContents()
        expect(items).toEqual(['Move to…', 'Copy to…', 'Rename'])
        await page.getByRole('menuitem', { name: 'Rename' }).click()
        await page.getByLabel('New name').fill('b.txt')
        await page.getByRole('button', { name: 'Rename', exact: true }).click()
        await said(page, 'a.txt is now called b.txt.')
        await page.getByRole('button', { name: 'More', exact: true }).click()
        await page.getByRole('menuitem', { name: 'New folder' }).waitFor()
        await page.getByRole('menuitemradio', { name: 'Sort by size' }).click()
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
      },
      { viewport: { width: 360, height: 640 }, hasTouch: true },
    )
  })
})
