import { expect, it } from 'vitest'
import { comfyui } from '../support/fault-system'
import { expectGood, expectQuiet, machineStatus, openSite, tokenRow } from './pages'

const site = openSite({ TRAINER_COMMAND: comfyui('answers'), TOKEN_CHECKS: 'off' })

it('a trainer is given its token, launched and opened, on pages that everybody can read', {
  timeout: 90_000,
}, async () => {
  await site.withPage({}, (page) =>
    expectQuiet(page, async () => {
      await page.goto('/machines')
      await page.getByRole('link', { name: 'Trainer', exact: true }).click()
      await page.waitForURL('**/trainer/settings')
      await expectGood(page, 'without a token')
      const row = tokenRow(page, 'Hugging Face')
      await row.getByLabel('Hugging Face token').fill('hf_CANARYtrainer')
      await row.getByRole('button', { name: 'Save' }).click()
      await row.getByText('hf_CAN••••••••••••••••').waitFor()
      expect(page.url()).toContain('/trainer/settings')
      await expectGood(page, 'with a token')
      await row.getByRole('link', { name: 'Clear the Hugging Face token' }).click()
      await row.getByRole('button', { name: 'Clear token' }).waitFor()
      await expectGood(page, 'before clearing')
      await page.goto('/profile')
      await tokenRow(page, 'Hugging Face').getByText('hf_CAN••••••••••••••••').waitFor()

      await page.goto('/machines')
      await page.getByLabel('Kind').selectOption('Trainer')
      await expectGood(page, 'a choice of kinds')
      await page.getByRole('button', { name: 'Launch' }).click()
      await machineStatus(page, 'Running')
      await expectGood(page, 'a trainer')
      const opened = page.context().waitForEvent('page')
      await page.getByRole('button', { name: 'Open trainer' }).click()
      const trainer = await opened
      await trainer.waitForURL(/^http:\/\/m-[a-z2-7]{16}-trainer\.localhost:\d+\/$/)
      expect(await trainer.textContent('body')).toContain('"HF_TOKEN":"hf_CANARYtrainer"')

      await page.goto('/trainer/settings')
      await tokenRow(page, 'Hugging Face').getByText('Has this token').waitFor()
      await expectGood(page, 'held by a trainer')
    }),
  )
})
