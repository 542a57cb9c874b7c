import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { machineServices } from '~/db/schema'
import { comfyui } from '../support/fault-system'
import { until } from '../support/until'
import { expectGood, expectQuiet, launch, machineStatus, openSite, stopMachine } from './pages'

const site = openSite({ COMFYUI_COMMAND: comfyui('prints') })

/** Launches a machine on the page. @returns how to make its ComfyUI print something */
async function launched(page: Page) {
  await launch(page, 'Printer')
  await machineStatus(page, 'Running')
  const id = new URL(page.url()).pathname.split('/').at(-1)
  const services = site.changeDatabase((db) => db.select().from(machineServices).all())
  const address = services.find(({ machineId, name }) => machineId === id && name === 'comfyui')?.address
  return async (text: string) => void (await fetch(`${address}/${encodeURIComponent(text)}`))
}

const output = (page: Page) => page.getByRole('log')

it('fault 80: what a service prints comes live, as text, and nothing of it is done', async () => {
  await site.withPage({}, (page) =>
    expectQuiet(page, async () => {
      const print = await launched(page)
      await page.evaluate(() => Object.assign(window, { isSameDocument: true }))
      await print(
        '<img src=x onerror="document.title=1"><script>document.title=2</script></pre><b>bold</b>\n',
      )
      await print('\u001b[32mGreen\u001b[0m \u202egnp.exe\n')
      await output(page).getByText('Green').waitFor()
      const text = await output(page).textContent()
      expect(text).toContain('<img src=x onerror="document.title=1"><script>document.title=2</script></pre>')
      expect(text).toContain('Green \ufffdgnp.exe\n')
      expect(await output(page).locator('*').count()).toBe(0)
      expect(await page.title()).toBe('Printer · Machines · Slipway')
      await page.reload()
      expect(await output(page).textContent()).toContain('<b>bold</b>\nGreen')
      expect(await page.title()).toBe('Printer · Machines · Slipway')
      expect(await page.evaluate(() => 'isSameDocument' in window)).toBe(false)
      await print('line after the reload\n')
      await output(page).getByText('line after the reload').waitFor()
    }),
  )
})

it('the log stays at its end until somebody reads further up, and goes on there with a click', async () => {
  await site.withPage({}, async (page) => {
    const print = await launched(page)
    await print(Array.from({ length: 300 }, (_, n) => `line ${n}\n`).join(''))
    await output(page).getByText('line 299').waitFor()
    const fromEnd = () => output(page).evaluate((pre) => pre.scrollHeight - pre.scrollTop - pre.clientHeight)
    await until('it is at its end', async () => (await fromEnd()) < 24)

    const follow = page.getByRole('button', { name: 'Follow', exact: true })
    const readFromStart = async () => {
      await output(page).focus()
      await page.keyboard.press('Home')
      const place = () => output(page).evaluate((pre) => pre.scrollTop)
      await expect.poll(place, { timeout: 25_000 }).toBe(0)
      await follow.waitFor()
    }
    // It counts that somebody begins to: a browser that is about to scroll has not moved anything yet.
    await output(page).dispatchEvent('keydown', { key: 'ArrowUp' })
    await follow.waitFor()
    await output(page).evaluate(async (pre) => {
      pre.scrollTop -= 5
      for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
    })
    expect(await fromEnd()).toBeGreaterThan(0)
    await follow.click()
    await page.getByRole('button', { name: 'Following' }).waitFor()
    await readFromStart()
    expect(await follow.getAttribute('aria-pressed')).toBe('false')
    await print('what came meanwhile\n')
    await follow.click()
    await page.getByRole('button', { name: 'Following' }).waitFor()
    await output(page).getByText('what came meanwhile').waitFor()
    await until('it is at its end', async () => (await fromEnd()) < 24)
    expect((await output(page).textContent())?.match(/line 299\n/g)?.length).toBe(1)

    await readFromStart()
    await page.getByRole('searchbox', { name: 'Search the log' }).fill('line 7')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Show all' }).click()
    await page.getByRole('button', { name: 'Following' }).waitFor()
    await until('it is at its end', async () => (await fromEnd()) < 24)
  })
})

it('logs can be searched, changed and downloaded, look good, and are kept when the machine has stopped', {
  timeout: 90_000,
}, async () => {
  await site.withPage({}, async (page) => {
    const print = await launched(page)
    await print(
      `${'a long word '.repeat(3)}${'x'.repeat(400)}\nCUDA out of memory\n${'plain line\n'.repeat(40)}`,
    )
    await output(page).getByText('CUDA').waitFor()
    await expectGood(page, 'machine with a log')
    await page.getByRole('searchbox', { name: 'Search the log' }).fill('cuda')
    await page.keyboard.press('Enter')
    await page.waitForURL(/search=cuda/)
    await until(
      'only that is shown',
      async () => (await output(page).textContent()) === 'CUDA out of memory\n',
    )
    await expectGood(page, 'a search')
    await page.getByRole('link', { name: 'Show all' }).click()
    await output(page).getByText('plain line').waitFor()

    const downloading = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Download' }).click()
    const file = await downloading
    expect(file.suggestedFilename()).toMatch(/^[a-z2-7]{16}-comfyui-1\.log$/)
    expect(readFileSync(await file.path(), 'utf8')).toContain('CUDA out of memory\nplain line\n')

    await page.getByRole('link', { name: 'File manager' }).click()
    await page.getByRole('log', { name: 'Output of File manager' }).waitFor()
    await page.getByRole('link', { name: 'ComfyUI', exact: true }).click()
    await stopMachine(page)
    await machineStatus(page, 'Stopped')
    await output(page).getByText('Goodbye').waitFor()
  })
})

it('without JavaScript the newest lines are there, and a search works', async () => {
  await site.withPage({ javaScriptEnabled: false }, async (page) => {
    await launch(page, 'Plain')
    await until('it runs', async () => {
      await page.reload()
      return (await page.getByRole('heading', { level: 1 }).textContent())?.includes('Running')
    })
    const services = site.changeDatabase((db) => db.select().from(machineServices).all())
    const id = new URL(page.url()).pathname.split('/').at(-1)
    const { address } = services.find((row) => row.machineId === id && row.name === 'comfyui') ?? {}
    await fetch(`${address}/${encodeURIComponent('one\ntwo\nthree\n')}`)
    await until('it is written', async () => {
      await page.reload()
      return (await output(page).textContent())?.includes('three')
    })
    expect(await page.getByRole('button', { name: 'Follow' }).count()).toBe(0)
    await page.getByRole('searchbox', { name: 'Search the log' }).fill('TWO')
    await page.getByRole('button', { name: 'Search', exact: true }).click()
    expect(await output(page).textContent()).toBe('two\n')
  })
})
