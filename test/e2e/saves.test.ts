import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { eq } from 'drizzle-orm'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { machines } from '~/db/schema'
import { expectGood, expectQuiet, launch, machineStatus, openSite, saveToken, stopMachine } from './pages'

const TOKEN = 'hf_CANARYsaved0123456789'
const site = openSite()

const idOf = (page: Page) => new URL(page.url()).pathname.split('/').at(-1) ?? ''

function workspaceOf(machineId: string): string {
  const row = site.changeDatabase((db) => db.select().from(machines).where(eq(machines.id, machineId)).get())
  return join(site.app.dataDir, 'workspaces', row?.workspaceId ?? '')
}

function addFiles(machineId: string) {
  const workspace = workspaceOf(machineId)
  mkdirSync(join(workspace, 'output'), { recursive: true })
  writeFileSync(join(workspace, 'output/picture.png'), 'a picture')
  writeFileSync(join(workspace, 'output/env.txt'), `HF_TOKEN=${TOKEN}`)
}

it('a creator saves a running machine, stops it, and starts a new one from the save, with the files and no token', {
  timeout: 90_000,
}, async () => {
  await site.withPage({}, (page) =>
    expectQuiet(page, async () => {
      await page.goto('/saves')
      await page.getByText('No cloud saves yet').waitFor()
      await expectGood(page, 'no saves')
      await saveToken(page, 'Hugging Face', TOKEN)
      await launch(page, 'Studio')
      await machineStatus(page, 'Running')
      const first = idOf(page)
      addFiles(first)

      await page.getByLabel('Name of the save (optional)').fill('Before the upscaler')
      await page.getByRole('button', { name: 'Save workspace' }).click()
      const row = page.getByRole('listitem', { name: 'Before the upscaler' })
      await row.getByText('Saved', { exact: true }).waitFor()
      await row.getByText('One note about what was saved').click()
      await row.getByText('output/env.txt holds your Hugging Face token and was left out.').waitFor()
      await expectGood(page, 'machine with a save')
      await stopMachine(page)
      await machineStatus(page, 'Stopped')

      await page.getByRole('link', { name: 'All cloud saves' }).click()
      const save = page.getByRole('listitem', { name: 'Before the upscaler' })
      await save.getByText(/^SHA-256 [0-9a-f]{12}…$/).click()
      await save.getByLabel('SHA-256 of Before the upscaler').waitFor()
      await expectGood(page, 'saves')
      await save.getByRole('link', { name: 'Delete' }).click()
      await save.getByRole('link', { name: 'Keep it' }).waitFor()
      await expectGood(page, 'asking before a save is deleted')
      await save.getByRole('link', { name: 'Keep it' }).click()
      await save.getByRole('link', { name: 'Start from this save' }).click()
      await expect.poll(() => page.getByLabel('Files').inputValue()).not.toBe('')
      await expectGood(page, 'launch form with saves')
      await page.getByLabel('Name').fill('Second')
      await page.getByRole('button', { name: 'Launch' }).click()
      await page.waitForURL(/\/machines\/[a-z2-7]{16}$/)
      await machineStatus(page, 'Running')
      await page.getByText('Restored the save “Before the upscaler”').waitFor()

      const second = workspaceOf(idOf(page))
      expect(second).not.toBe(workspaceOf(first))
      expect(readdirSync(join(second, 'output'))).toEqual(['picture.png'])
      expect(readFileSync(join(second, 'output/picture.png'), 'utf8')).toBe('a picture')
      const folder = join(site.app.dataDir, 'saves')
      const [archive = ''] = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.tar.gz'),
      )
      const content = gunzipSync(readFileSync(join(folder, archive)))
      expect(content.includes('a picture')).toBe(true)
      expect(content.includes(TOKEN)).toBe(false)
    }),
  )
})

it('without JavaScript a workspace is saved, started from and deleted', { timeout: 60_000 }, async () => {
  await site.withPage({ javaScriptEnabled: false }, async (page) => {
    const reloadUntil = async (text: string) => {
      await expect
        .poll(
          async () => {
            await page.reload()
            return page.getByRole('main').textContent()
          },
          { timeout: 15_000 },
        )
        .toContain(text)
    }
    // Its stages name the state that it is yet to reach.
    const runs = () => reloadUntil('Name of the save')
    await launch(page, 'Plain')
    await runs()
    await page.getByLabel('Name of the save (optional)').fill('Plain save')
    await page.getByRole('button', { name: 'Save workspace' }).click()
    await reloadUntil('Saved the workspace as “Plain save”')
    await page.getByRole('link', { name: 'All cloud saves' }).click()
    const save = page.getByRole('listitem', { name: 'Plain save' })
    await save.getByRole('link', { name: 'Start from this save' }).click()
    await page.getByRole('button', { name: 'Launch' }).click()
    await page.waitForURL(/\/machines\/[a-z2-7]{16}$/)
    await reloadUntil('Restored the save “Plain save”')
    await runs()
    await page.goto('/saves')
    await save.getByRole('link', { name: 'Delete' }).click()
    await save.getByRole('button', { name: 'Delete save' }).click()
    await page.getByText('The save is deleted.').waitFor()
    expect(await save.count()).toBe(0)
  })
})
