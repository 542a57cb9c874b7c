import { readFileSync } from 'node:fs'
import { isNull } from 'drizzle-orm'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { modelVersions, users } from '~/db/schema'
import { expectGood, expectQuiet, openSite } from './pages'

const FIXTURES = new URL('../workflows/fixtures/', import.meta.url).pathname
const site = openSite()

const versions = () => site.changeDatabase((db) => db.select().from(modelVersions).all())
const section = (page: Page, name: string) => page.getByRole('region', { name })

/** A workflow of so many nodes, each of which holds five values. */
const largeWorkflow = (nodes: number) =>
  JSON.stringify(
    Object.fromEntries(
      Array.from({ length: nodes }, (_, at) => [
        String(at),
        {
          class_type: at === 0 ? 'SaveImage' : 'LoraLoader',
          inputs: {
            a: at,
            b: `text ${at}`,
            c: true,
            d: 0.5,
            e: '',
            link: [String((at + 1) % nodes || 1), 0],
          },
        },
      ]),
    ),
  )

it('an author publishes a workflow with a prompt, a seed and a picture, and then its next version', {
  timeout: 90_000,
}, async () => {
  await site.withPage({}, (page) =>
    expectQuiet(page, async () => {
      await page.goto('/machines')
      await page.getByRole('link', { name: 'Models' }).click()
      await page.getByText('No models yet').waitFor()
      await expectGood(page, 'no models')
      await page.getByRole('link', { name: 'Publish a model' }).click()
      await page.getByRole('textbox', { name: 'Username' }).fill('Ada!')
      await page.getByRole('button', { name: 'Go on' }).click()
      await page.getByText('A username must be lower-case letters').waitFor()
      await expectGood(page, 'choosing a username')
      await page.getByRole('textbox', { name: 'Username' }).fill('ada')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'Choose it for good' }).click()

      const file = page.getByLabel('Workflow file')
      await file.setInputFiles({
        name: 'a.json',
        mimeType: 'application/json',
        buffer: Buffer.from('{"a":'),
      })
      await page.getByRole('alert').getByText('This is no JSON.').waitFor()
      await file.setInputFiles(`${FIXTURES}editor-format.json`)
      await page.getByRole('alert').getByText('choose “Export (API)”').waitFor()
      await file.setInputFiles(`${FIXTURES}text-to-image.json`)
      await page.getByText('7 nodes, 13 values, 1 model file.').waitFor()

      const preview = section(page, 'What callers see')
      await preview.getByLabel(/^Prompt: text/).waitFor()
      await page.getByRole('button', { name: /^KSampler/ }).click()
      await page.getByRole('checkbox', { name: 'cfg' }).uncheck()
      expect(await preview.getByLabel('cfg').count()).toBe(0)
      const prompt = section(page, 'Inputs').getByRole('listitem', { name: 'Prompt: text', exact: true })
      await prompt.getByRole('button', { name: /prompt Text/ }).focus()
      await page.keyboard.press('Enter')
      await prompt.getByLabel('Name').fill('Prompt 1')
      await prompt.getByRole('checkbox', { name: 'Callers must give it' }).check()
      await prompt.getByRole('button', { name: 'Move Prompt: text down' }).click()
      await page.getByRole('button', { name: 'Publish', exact: true }).click()
      // Everything that is wrong is said at once, and the first of it has the focus.
      await page.getByText('Must be owner/name or owner/name/kind').waitFor()
      await expect
        .poll(() => page.evaluate(() => document.activeElement?.id))
        .toBe(await page.getByLabel('Name', { exact: true }).first().getAttribute('id'))
      expect(await page.getByLabel('Title', { exact: true }).first().getAttribute('aria-invalid')).toBe(
        'true',
      )
      await prompt.getByText('Must be lower-case letters, digits and _').waitFor()
      await expectGood(page, 'refused publication')

      await prompt.getByLabel('Name').fill('prompt')
      await page.getByLabel('Name', { exact: true }).first().fill('portrait')
      await page.getByLabel('Title', { exact: true }).first().fill('Portraits')
      await page.getByRole('radio', { name: /Everyone here/ }).check()
      await page
        .getByLabel('Address (optional)')
        .fill('https://huggingface.co/owner/name/blob/main/a.safetensors')
      await page.getByRole('button', { name: 'Publish', exact: true }).click()
      await page.waitForURL('**/models/ada/portrait')

      const [published] = versions()
      const inputs = published?.definition.inputs ?? []
      expect(inputs.map(({ name }) => name).slice(0, 3)).toEqual(['negative_prompt', 'prompt', 'seed'])
      expect(inputs.map(({ name }) => name)).not.toContain('cfg')
      expect(inputs.find(({ name }) => name === 'prompt')).toMatchObject({
        ...{ type: 'text', required: true, node: '6', field: 'text' },
      })
      const seed = inputs.find(({ name }) => name === 'seed')
      expect([seed?.type, seed?.default]).toEqual(['seed', undefined])
      expect(published?.definition.outputs).toEqual([{ name: 'images', title: 'Save Image', node: '9' }])
      expect(published?.definition.sources).toMatchObject([{ folder: 'models/checkpoints' }])
      expect(published?.workflow).toEqual(JSON.parse(readFileSync(`${FIXTURES}text-to-image.json`, 'utf8')))

      await page.goto('/models')
      await page.getByText('For everyone here').waitFor()
      await expectGood(page, 'list of models')
      await page.getByRole('link', { name: 'Edit Portraits' }).click()
      await page.getByText('This form began with version 1.').waitFor()
      await page.getByRole('button', { name: 'Publish the next version' }).click()
      await page.getByText('Nothing has changed since version 1').waitFor()
      await page.getByLabel('Title', { exact: true }).first().fill('Better portraits')
      await page.getByRole('button', { name: 'Publish the next version' }).click()
      await page.getByText('Version 2 is published').waitFor()
      await page.getByRole('button', { name: 'Use version 1' }).click()
      await page.getByText('Version 1 is in use from now on.').waitFor()
      await page.getByRole('link', { name: 'Withdraw ada/portrait' }).click()
      await page.getByText('What was called before goes on').waitFor()
      await expectGood(page, 'a model of one’s own')

      // Another file keeps the marks that it has a place for, and names the others.
      await page.getByLabel('Another workflow (optional)').setInputFiles({
        name: 'other.json',
        mimeType: 'application/json',
        buffer: Buffer.from(
          JSON.stringify({
            6: { class_type: 'CLIPTextEncode', inputs: { text: 'a bird' } },
            9: { class_type: 'SaveImage', inputs: { images: ['6', 0] } },
          }),
        ),
      })
      await page.getByText('This workflow lacks what was marked:').waitFor()
      await page.getByText(/KSampler: seed \(node 3\)|seed \(node 3\)/).waitFor()
      await page.getByRole('button', { name: 'Publish the next version' }).click()
      await page.getByText('Version 3 is published').waitFor()
      expect(versions().at(-1)?.definition).toMatchObject({
        title: 'Better portraits',
        inputs: [{ name: 'prompt', required: true }],
        sources: [],
      })
    }),
  )
})

it('a workflow of 300 nodes is pasted, searched and marked with the keyboard', {
  timeout: 60_000,
}, async () => {
  // Chosen already when the other test came first.
  site.changeDatabase((db) => db.update(users).set({ username: 'ada' }).where(isNull(users.username)).run())
  await site.withPage({}, async (page) => {
    await page.goto('/models/new')
    await page.getByText('Paste it instead').click()
    await page.getByLabel('Workflow as JSON').fill(largeWorkflow(300))
    await page.getByRole('button', { name: 'Read it' }).click()
    await page.getByText('300 nodes, 1500 values, 0 model files.').waitFor()
    await page.getByText('0 of 1500 values are open to callers').waitFor()
    await page.getByLabel('Find a value').fill('text 287')
    await page.getByText('1 node with it').waitFor()
    await page.getByRole('checkbox', { name: 'b text 287' }).focus()
    await page.keyboard.press('Space')
    await page.getByRole('listitem', { name: 'b', exact: true }).waitFor()
    await page.getByLabel('Find a value').fill('')
    await page.getByText('1 of 1500 values are open to callers').waitFor()
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
  })
})
