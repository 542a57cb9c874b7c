import { existsSync, readdirSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { until } from '../support/until'
import { chooseAction, focusedRow, namesShown, openFileManager, openFolder, said } from './file-manager'

const { withFiles } = openFileManager()
const dialog = (page: Page, name: string | RegExp) => page.getByRole('dialog', { name })
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

describe('what is done with files', { timeout: 60_000 }, () => {
  it('makes and renames, and says beside the field why a name can’t be had', async () => {
    await withFiles({ 'input/a.txt': 'a', 'input/b.txt': 'b' }, async ({ page, workspace }) => {
      await openFolder(page, 'input')
      await button(page, 'New folder').click()
      await page.getByLabel('Name').fill('mine')
      await page.keyboard.press('Enter')
      await said(page, 'Created the folder mine.')
      await page.getByRole('link', { name: 'mine' }).waitFor()

      await chooseAction(page, 'a.txt', 'Rename')
      const name = page.getByLabel('New name')
      expect(await name.evaluate((field: HTMLInputElement) => field.selectionEnd)).toBe('a'.length)
      await name.fill('b.txt')
      await page.keyboard.press('Enter')
      await dialog(page, 'Rename a.txt').getByText('is already there').waitFor()
      await name.fill('c.txt')
      await page.keyboard.press('Enter')
      await said(page, 'a.txt is now called c.txt.')
      await until('the list follows', async () => (await namesShown(page)).join() === 'mine,b.txt,c.txt')
      expect(readdirSync(join(workspace, 'input')).sort()).toEqual(['b.txt', 'c.txt', 'mine'])
      expect(readFileSync(join(workspace, 'input/c.txt'), 'utf8')).toBe('a')
    })
  })

  it('moves a selection into a folder that is made on the way', async () => {
    await withFiles({ 'a.txt': 'a', 'b.txt': 'b' }, async ({ page, workspace }) => {
      await openFolder(page, '')
      await page.getByRole('checkbox', { name: 'Select a.txt' }).click()
      await page.getByRole('checkbox', { name: 'Select b.txt' }).click()
      await button(page, 'Move to…').click()
      const choice = dialog(page, 'Move 2 files')
      expect(await choice.getByRole('button', { name: 'Move here' }).isDisabled()).toBe(true)
      await choice.getByRole('button', { name: 'output', exact: true }).click()
      await choice.getByText('No folders in here.').waitFor()
      await choice.getByRole('button', { name: 'New folder' }).click()
      await page.getByLabel('Name').fill('kept')
      await page.keyboard.press('Enter')
      await choice.getByText('kept', { exact: true }).waitFor()
      await choice.getByRole('button', { name: 'Move here' }).click()
      await said(page, 'Moved 2 items to output/kept.')
      expect(readdirSync(join(workspace, 'output/kept')).sort()).toEqual(['a.txt', 'b.txt'])
      await until('they have left the list', async () => !(await namesShown(page)).includes('a.txt'))
    })
  })

  it('copies with progress, and leaves nothing of a copy that was canceled', async () => {
    await withFiles({ 'input/large.bin': '', 'input/small.txt': 'x' }, async ({ page, workspace }) => {
      truncateSync(join(workspace, 'input/large.bin'), 3e9)
      await openFolder(page, 'input')
      const copy = async (name: string) => {
        await chooseAction(page, name, 'Copy to…')
        await dialog(page, `Copy ${name}`).getByRole('button', { name: 'All files' }).click()
        await dialog(page, `Copy ${name}`).getByRole('button', { name: 'output', exact: true }).waitFor()
        await button(page, 'Copy here').click()
      }
      await copy('large.bin')
      const task = page.getByRole('region', { name: 'Moving and copying' })
      await until('some of it is copied', () =>
        task.getByRole('progressbar').evaluate((bar: HTMLProgressElement) => bar.value > 0.01),
      )
      await task.getByRole('button', { name: 'Cancel: large.bin' }).click()
      await said(page, 'Canceled: large.bin was not copied.')
      expect(existsSync(join(workspace, 'large.bin'))).toBe(false)
      await copy('small.txt')
      await said(page, 'Copied small.txt to the top folder.')
      expect(
        readdirSync(workspace)
          .filter((name) => !name.startsWith('.'))
          .sort(),
      ).toEqual(['input', 'models', 'output', 'small.txt'])
    })
  })

  it('takes a double click for one: into one folder, and one copy', async () => {
    await withFiles({ 'a.txt': 'a', 'foo/foo/x.txt': 'x' }, async ({ page, workspace }) => {
      let copies = 0
      await page.route('**/api/tasks', async (route) => {
        if (route.request().method() === 'POST') copies++
        await new Promise((resolve) => setTimeout(resolve, 200))
        await route.continue()
      })
      await openFolder(page, '')
      await chooseAction(page, 'a.txt', 'Copy to…')
      const choice = dialog(page, 'Copy a.txt')
      await choice.getByRole('button', { name: 'foo', exact: true }).dblclick()
      await choice.getByRole('button', { name: 'Copy here' }).dblclick()
      await said(page, 'Copied a.txt to foo.')
      expect(copies).toBe(1)
      expect(readdirSync(join(workspace, 'foo')).sort()).toEqual(['a.txt', 'foo'])
    })
  })

  it('says of a move why it can’t be done, and nothing has moved', async () => {
    await withFiles({ 'a.txt': 'mine', 'output/a.txt': 'other' }, async ({ page, workspace }) => {
      await openFolder(page, '')
      await chooseAction(page, 'a.txt', 'Move to…')
      await dialog(page, 'Move a.txt').getByRole('button', { name: 'output', exact: true }).click()
      await dialog(page, 'Move a.txt').getByRole('button', { name: 'Move here' }).click()
      await dialog(page, 'Move a.txt').getByText('already there').waitFor()
      expect(readFileSync(join(workspace, 'output/a.txt'), 'utf8')).toBe('other')
      expect(readFileSync(join(workspace, 'a.txt'), 'utf8')).toBe('mine')
    })
  })

  it('downloads one file as it is, and several as a zip', async () => {
    await withFiles({ 'output/a.txt': 'a', 'output/b.txt': 'b' }, async ({ page }) => {
      await openFolder(page, 'output')
      const saved = async (begin: () => Promise<void>) => {
        const [download] = await Promise.all([page.waitForEvent('download'), begin()])
        return { name: download.suggestedFilename(), content: readFileSync(await download.path()) }
      }
      const one = await saved(() => chooseAction(page, 'a.txt', 'Download'))
      expect([one.name, one.content.toString()]).toEqual(['a.txt', 'a'])
      await page.getByRole('checkbox', { name: 'Select all' }).click()
      await page.getByText('2 selected').waitFor()
      const both = await saved(() =>
        page.getByRole('toolbar').getByRole('button', { name: 'Download' }).click(),
      )
      expect([both.name, both.content.subarray(0, 2).toString()]).toEqual(['output.zip', 'PK'])
    })
  })
})

describe('by keyboard alone', { timeout: 60_000 }, () => {
  it('goes into a folder, selects, deletes, undoes, renames, previews and comes back to the same row', async () => {
    const files = {
      'output/set/a.txt': 'first text',
      'output/set/b.txt': 'second text',
      'output/set/c.txt': '',
    }
    await withFiles(files, async ({ page, workspace }) => {
      const press = async (...keys: string[]) => {
        for (const key of keys) await page.keyboard.press(key)
      }
      await openFolder(page, 'output')
      await page.getByRole('row', { name: 'set' }).waitFor()
      for (let tabs = 0; (await focusedRow(page)) !== '0'; tabs++) {
        expect(tabs).toBeLessThan(40)
        await press('Tab')
      }
      await press('Enter')
      await page.getByRole('row', { name: 'a.txt' }).waitFor()
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('set')
      for (let tabs = 0; (await focusedRow(page)) !== '0'; tabs++) {
        expect(tabs).toBeLessThan(40)
        await press('Tab')
      }
      await press('Space', 'ArrowDown', 'Space')
      await page.getByText('2 selected').waitFor()
      await press('Delete')
      await said(page, 'Deleted 2 files.')
      await until('the list is shorter', async () => (await namesShown(page)).join() === 'c.txt')
      await press('Control+z')
      await said(page, 'Restored 2 files.')
      await until('the list is whole', async () => (await namesShown(page)).length === 3)

      await press('Home', 'Enter')
      await dialog(page, 'a.txt').getByText('first text').waitFor()
      await press('ArrowRight')
      await dialog(page, 'b.txt').getByText('second text').waitFor()
      await press('Escape')
      await until('the focus is on what was shown last', async () => (await focusedRow(page)) === '1')
      await press('F2')
      await page.getByLabel('New name').fill('bb.txt')
      await press('Enter')
      await said(page, 'b.txt is now called bb.txt.')
      expect(existsSync(join(workspace, 'output/set/bb.txt'))).toBe(true)
      await until('the focus is back', async () => (await focusedRow(page)) === '1')
      expect(
        await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle),
      ).toBe('solid')
    })
  })
})
