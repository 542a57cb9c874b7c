import { existsSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { until } from '../support/until'
import { focusedRow, namesShown, openFileManager, openFolder, said } from './file-manager'

const { withFiles } = openFileManager()
const names = (count: number) => Array.from({ length: count }, (_, at) => `step ${at}.txt`)
const texts = (folder: string, count: number) =>
  Object.fromEntries(names(count).map((name) => [`${folder}/${name}`, '']))

describe('the list of a folder', { timeout: 60_000 }, () => {
  it('shows the end of 12,000 entries at one key press, with a page that holds only those in sight', async () => {
    await withFiles(texts('many', 12_000), async ({ page }) => {
      await openFolder(page, 'many')
      await page.getByRole('row', { name: 'step 0.txt' }).focus()
      await page.keyboard.press('End')
      await page.getByRole('row', { name: 'step 11999.txt' }).waitFor()
      expect(await focusedRow(page)).toBe('11999')
      expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('12001')
      expect(await page.getByRole('row').count()).toBeLessThan(100)
      await page.keyboard.press('Home')
      await page.getByRole('row', { name: 'step 0.txt' }).waitFor()
      await page.mouse.move(600, 400)
      await page.mouse.wheel(0, 400_000)
      await until('the middle has come', async () => (await namesShown(page)).includes('step 10000.txt'))
    })
  })

  it('is sorted by what its head says, folders first, also after the next visit', async () => {
    await withFiles({ 'b.txt': 'xxx', 'a.txt': 'x', 'c10.txt': 'xx', 'c9.txt': '' }, async ({ page }) => {
      const sorted = async (...expected: string[]) =>
        until(`sorted as ${expected}`, async () => {
          const shown = (await namesShown(page)).slice(3)
          return shown.join() === expected.join()
        })
      await openFolder(page, '')
      await sorted('a.txt', 'b.txt', 'c9.txt', 'c10.txt')
      expect((await namesShown(page)).slice(0, 3)).toEqual(['input', 'models', 'output'])
      await page.getByRole('button', { name: 'Size' }).click()
      await sorted('b.txt', 'c10.txt', 'a.txt', 'c9.txt')
      expect(await page.getByRole('columnheader', { name: 'Size' }).getAttribute('aria-sort')).toBe(
        'descending',
      )
      await page.reload()
      await sorted('b.txt', 'c10.txt', 'a.txt', 'c9.txt')
      await page.getByRole('button', { name: 'Size' }).click()
      await sorted('c9.txt', 'a.txt', 'c10.txt', 'b.txt')
    })
  })

  it('selects what lies between a click and a shift-click, also where it was never in sight', async () => {
    await withFiles({ ...texts('some', 450), 'some/step 300.txt': 'x'.repeat(1000) }, async ({ page }) => {
      await openFolder(page, 'some')
      await page.getByRole('checkbox', { name: 'Select step 2.txt', exact: true }).click()
      await page.getByRole('row', { name: 'step 2.txt' }).first().focus()
      await page.keyboard.press('End')
      await page.getByRole('checkbox', { name: 'Select step 440.txt' }).click({ modifiers: ['Shift'] })
      await page.getByText('439 selected · 1.0 kB').waitFor()
      await page.keyboard.press('Control+a')
      await page.getByText('450 selected').waitFor()
      await page.keyboard.press('Escape')
      await page.getByText('450 selected').waitFor({ state: 'detached' })
    })
  })

  it('shows names as text, whatever is in them, and none can pass for another', async () => {
    const hostile = [
      '<img src=x onerror=pwned=1>.txt',
      'evil\u202egpj.exe',
      'two\nlines.txt',
      `${'x'.repeat(240)}.txt`,
    ]
    await withFiles(
      Object.fromEntries(hostile.map((name) => [`odd/${name}`, 'x'])),
      async ({ page, workspace }) => {
        symlinkSync('/etc/passwd', join(workspace, 'odd', 'out'))
        await openFolder(page, 'odd')
        await page.getByText('A link out of this machine’s folders').waitFor()
        expect(await namesShown(page)).toEqual(
          expect.arrayContaining([hostile[0], 'evil⟨U+202E⟩gpj.exe', 'two⟨U+000A⟩lines.txt', hostile[3]]),
        )
        await page.getByRole('checkbox', { name: 'Select all' }).click()
        await page.setViewportSize({ width: 360, height: 740 })
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
        await page.getByRole('button', { name: 'Delete', exact: true }).click()
        await said(page, 'Deleted 5 files.')
        expect(readdirSync(join(workspace, 'odd'))).toEqual([])
        await page.getByRole('button', { name: 'Undo' }).click()
        await said(page, 'Restored 5 files.')
        expect(readdirSync(join(workspace, 'odd')).sort()).toEqual([...hostile, 'out'].sort())
        expect(await page.evaluate(() => 'pwned' in window)).toBe(false)
      },
      // Without the Content-Security-Policy, which would hide a mistake.
      { bypassCSP: true },
    )
  })

  it('finds names below a folder and says where they are', async () => {
    const files = { 'models/loras/fine.safetensors': 'x', 'models/loras/deep/finer.txt': '', 'fine.txt': '' }
    await withFiles(files, async ({ page }) => {
      await openFolder(page, 'models')
      await page.getByRole('searchbox').fill('FINE')
      await page.getByText('2 found').waitFor()
      await page.getByRole('row', { name: 'finer.txt in models/loras/deep' }).waitFor()
      await page.getByRole('searchbox').fill('nowhere')
      await page.getByText('Nothing found').waitFor()
      await page.getByRole('searchbox').fill('finer')
      await page.getByRole('link', { name: 'in models/loras/deep' }).click()
      await page.getByRole('grid', { name: 'Entries of this folder' }).waitFor()
      expect(await namesShown(page)).toEqual(['finer.txt'])
      expect(await page.getByRole('searchbox').inputValue()).toBe('')
    })
  })
})

describe('deleting', { timeout: 60_000 }, () => {
  it('is undone by one click, by a key, or later from what was deleted', async () => {
    await withFiles(texts('out', 4), async ({ page, workspace }) => {
      const left = () => readdirSync(join(workspace, 'out')).sort()
      await openFolder(page, 'out')
      await page.getByRole('checkbox', { name: 'Select step 1.txt' }).click()
      await page.getByRole('checkbox', { name: 'Select step 2.txt' }).click()
      await page.getByRole('button', { name: 'Delete', exact: true }).click()
      await said(page, 'Deleted 2 files.')
      await until('the list is shorter', async () => (await namesShown(page)).length === 2)
      expect(left()).toEqual(['step 0.txt', 'step 3.txt'])
      await page.getByRole('button', { name: 'Undo' }).click()
      await said(page, 'Restored 2 files.')
      expect(left()).toEqual(names(4))

      await page.getByRole('row', { name: 'step 1.txt' }).focus()
      await page.keyboard.press('Delete')
      await said(page, 'Deleted step 1.txt.')
      await until('the next row has the focus', async () => (await focusedRow(page)) === '1')
      await page.keyboard.press('Control+z')
      await said(page, 'Restored step 1.txt.')
      expect(left()).toEqual(names(4))

      await page.getByRole('row', { name: 'step 1.txt' }).focus()
      await page.keyboard.press('Delete')
      await said(page, 'Deleted step 1.txt.')
      writeFileSync(join(workspace, 'out', 'step 1.txt'), 'new')
      await page.reload()
      await page.getByRole('button', { name: 'More', exact: true }).click()
      await page.getByRole('menuitem', { name: 'Recently deleted' }).click()
      await page.getByRole('button', { name: 'Restore step 1.txt' }).click()
      await page.getByText('Nothing was deleted lately').waitFor()
      await page.getByText('Restored step 1.txt, as step 1 (restored).txt').waitFor()
      expect(left()).toEqual([
        'step 0.txt',
        'step 1 (restored).txt',
        'step 1.txt',
        'step 2.txt',
        'step 3.txt',
      ])
    })
  })

  it('for good is asked first, and neither Enter twice nor Escape does it', async () => {
    await withFiles(texts('out', 3), async ({ page }) => {
      await openFolder(page, 'out')
      for (const name of names(2)) {
        await page.getByRole('row', { name }).focus()
        await page.keyboard.press('Delete')
        await said(page, `Deleted ${name}.`)
      }
      await page.getByRole('button', { name: 'More', exact: true }).click()
      await page.getByRole('menuitem', { name: 'Recently deleted' }).click()
      const items = page.getByRole('list', { name: 'Deleted' }).getByRole('listitem')
      const press = async (...keys: string[]) => {
        for (const key of keys) await page.keyboard.press(key)
      }
      const hasFocus = (name: string) =>
        until(`${name} has the focus`, () =>
          page
            .getByRole('button', { name, exact: true })
            .evaluateAll((all) => all.includes(document.activeElement as HTMLElement)),
        )
      await page.getByRole('button', { name: 'Delete for good (step 0.txt)' }).focus()
      await press('Enter')
      await hasFocus('Keep')
      await press('Enter')
      await hasFocus('Delete for good (step 0.txt)')
      await press('Enter', 'Escape')
      await hasFocus('Delete for good (step 0.txt)')
      expect(await items.count()).toBe(2)
      await press('Enter', 'Shift+Tab')
      await hasFocus('Really delete for good? (step 0.txt)')
      await press('Enter')
      await page.getByText('Deleted step 0.txt for good.').waitFor()
      await until('one is left', async () => (await items.count()) === 1)

      await page.getByRole('button', { name: 'Delete all for good' }).dblclick()
      await page.getByRole('button', { name: 'Really delete all for good?' }).waitFor()
      expect(await items.count()).toBe(1)
      await page.getByRole('button', { name: 'Really delete all for good?' }).click()
      await page.getByText('Nothing was deleted lately').waitFor()
    })
  })

  it('tells what can’t be deleted, and then nothing is gone', async () => {
    await withFiles(texts('out', 3), async ({ page, workspace }) => {
      await openFolder(page, 'out')
      await page.getByRole('checkbox', { name: 'Select all' }).click()
      await page.getByText('3 selected').waitFor()
      renameSync(join(workspace, 'out/step 2.txt'), join(workspace, 'step 2.txt'))
      await page.getByRole('button', { name: 'Delete', exact: true }).click()
      await said(page, /gone|not there|no longer/)
      expect(existsSync(join(workspace, 'out/step 0.txt'))).toBe(true)
    })
  })
})
