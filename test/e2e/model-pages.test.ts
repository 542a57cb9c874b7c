import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { moveRequest } from '~/db/model-request-states'
import { until } from '../support/until'
import { begin, complete, end } from '../web/model-site'
import { MODEL_ID, type ModelSite, openModelSite, PICTURE, SOUND } from './model-site'
import { expectGood, expectQuiet } from './pages'

const withModel = openModelSite()
const MODEL = `/models/${MODEL_ID}`

const result = (page: Page) => page.getByRole('region', { name: 'Result' })
const said = (page: Page, text: string) => page.locator('p[role=status]', { hasText: text }).waitFor()

async function run(page: Page, { requests }: ModelSite, prompt = 'A lighthouse') {
  await page.goto(MODEL)
  await page.getByLabel('Prompt').fill(prompt)
  await page.getByRole('button', { name: 'Run' }).click()
  await page.waitForURL(/\?request=/)
  await result(page).getByText('Waiting for a machine.').waitFor()
  return requests().at(-1)?.id ?? ''
}

const goOn = ({ db }: ModelSite, id: string, set: object) =>
  moveRequest(db, id, { from: ['in_progress'], to: 'in_progress', guard: undefined, set })

const isLoaded = (page: Page, name: string) =>
  until('the picture is there', () =>
    page.getByRole('img', { name }).evaluate((picture) => (picture as HTMLImageElement).naturalWidth > 0),
  )

it('a call goes from the form to its pictures on a page that nobody reloads', async () => {
  await withModel((page, site) =>
    expectQuiet(page, async () => {
      const id = await run(page, site)
      await page.evaluate(() => Object.assign(window, { isSameDocument: true }))
      begin(site, id, { stage: 'checking', machineId: site.runMachine(site.admin) })
      await said(page, 'Checking the machine.')
      goOn(site, id, { stage: 'downloading', progress: 0.25, progressText: 'sd15.safetensors' })
      await said(page, 'Downloading model files.')
      goOn(site, id, { stage: 'running', progress: 0.4, progressText: 'KSampler' })
      await said(page, 'Running.')
      expect(await result(page).textContent()).toMatch(/KSampler.*40 %/)
      expect(await page.getByRole('progressbar', { name: 'Running' }).getAttribute('value')).toBe('0.4')
      goOn(site, id, { progress: 0.8 })
      await result(page).getByText('80 %').waitFor()
      await page.getByRole('link', { name: 'Open its machine' }).waitFor()
      const files = [
        { name: 'out 1.png', content: PICTURE },
        { name: 'out.wav', mediaType: 'audio/wav', content: SOUND },
      ]
      complete(site, site.admin, id, files, { texts: { images: ['<b>as text</b>'] } })
      await said(page, 'Completed.')
      await isLoaded(page, 'out 1.png')
      await until('the sound can be played', () =>
        page
          .getByLabel('out.wav', { exact: true })
          .evaluate((sound) => (sound as HTMLAudioElement).duration > 0),
      )
      await result(page).getByText('<b>as text</b>').waitFor()
      await result(page).getByText(`Seed: ${site.requests()[0]?.inputs?.seed}`).waitFor()
      const download = page.waitForEvent('download')
      await page.getByRole('link', { name: 'Download out 1.png' }).click()
      expect((await download).suggestedFilename()).toBe('out 1.png')
      expect(await page.evaluate(() => 'isSameDocument' in window)).toBe(true)
      expect(await page.getByLabel('Prompt').inputValue()).toBe('A lighthouse')
      // Another one for the next run.
      expect(await page.getByLabel('Seed').inputValue()).toBe('')
    }),
  )
})

it('once a request has ended its page asks for nothing more', async () => {
  await withModel(async (page, site) => {
    const id = await run(page, site)
    begin(site, id)
    end(site, id, 'completed')
    await said(page, 'Completed.')
    await page.clock.install()
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.reload()
    await page.waitForLoadState('networkidle')
    await until('it was watched', () => asked.some((url) => url.includes('modelRequests.watch')))
    const before = asked.length
    await page.clock.runFor(10_000)
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)))
    expect(asked.slice(before)).toEqual([])
  })
})

it('two clicks make one request', async () => {
  await withModel(async (page, site) => {
    await page.goto(MODEL)
    await page.getByLabel('Prompt').fill('Twice')
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    let answered = 0
    await page.route(/\.data/, async (route) => {
      if (route.request().method() !== 'POST') return route.fallback()
      const response = await route.fetch()
      answered++
      await released
      // The browser has let go of the first.
      await route.fulfill({ response }).catch(() => undefined)
    })
    for (const clicks of [1, 2]) {
      await page.getByRole('button', { name: 'Run' }).click()
      await until('the server has answered', () => answered === clicks)
    }
    release()
    await page.waitForURL(/\?request=/)
    expect(site.requests()).toHaveLength(1)
  })
})

it('every fault stands beside its field, the first has the focus, and nothing that was typed is lost', async () => {
  await withModel(async (page, site) => {
    await page.goto(MODEL)
    await page.getByLabel('Steps').fill('500')
    await page.getByLabel('Seed').fill('-1')
    await page.getByLabel('Sampler').selectOption('euler')
    await page.getByLabel('Tiled').check()
    await page.getByLabel('Picture (optional): address').fill('ftp://example.com/a.png')
    await page.getByRole('button', { name: 'Run' }).click()
    await page.getByText('Must be 50 or less').waitFor()
    const faultOf = (label: string) =>
      page.getByLabel(label, { exact: true }).evaluate(
        (control) =>
          (control.getAttribute('aria-describedby') ?? '')
            .split(' ')
            .map((id) => document.getElementById(id))
            .find((text) => text?.role === 'alert')?.textContent,
      )
    const optional = (title: string) => faultOf(`${title} (optional)`)
    expect(await faultOf('Prompt')).toBe('Is missing')
    expect(await optional('Steps')).toBe('Must be 50 or less')
    expect(await optional('Seed')).toBe('Must be 0 or more')
    expect(await optional('Picture')).toContain('Must be an https address')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('input.prompt')
    expect(site.requests()).toEqual([])
    await page.getByLabel('Prompt').fill('A lighthouse')
    await page.getByLabel('Seed').fill('7')
    await page.getByLabel('Steps').fill('9')
    await page.getByLabel('Picture (optional): address').fill('')
    await page.getByRole('button', { name: 'Run' }).click()
    await page.waitForURL(/\?request=/)
    expect(site.requests()[0]?.inputs).toEqual({
      ...{ prompt: 'A lighthouse', seed: 7, steps: 9 },
      ...{ sampler: 'euler', tiled: true },
    })
  })
})

it('a picture of one’s own is shown before it is sent, and goes along inside the call', async () => {
  await withModel(async (page, site) => {
    await page.goto(MODEL)
    await page.getByLabel('Prompt').fill('With a picture')
    const file = (name: string, mimeType: string, buffer = PICTURE) =>
      page.getByLabel('Picture (optional)', { exact: true }).setInputFiles({ name, mimeType, buffer })
    await file('notes.txt', 'text/plain')
    await page.getByText('This file is no image').waitFor()
    await file('large.png', 'image/png', Buffer.alloc(9_000_000))
    await page.getByText('Give an https address instead').waitFor()
    // More than other forms take.
    await file('in.png', 'image/png', Buffer.concat([PICTURE, Buffer.alloc(100_000)]))
    await isLoaded(page, 'Chosen for Picture')
    // As if it were several, of which each alone could be sent.
    const sent = page.locator('input[type=hidden][name="input.picture"]')
    const url = await sent.inputValue()
    const send = async (value: string) => {
      await sent.evaluate((field: HTMLInputElement, text) => Object.assign(field, { value: text }), value)
      await page.getByRole('button', { name: 'Run' }).click()
    }
    await send(`data:${'A'.repeat(33_000_000)}`)
    await page.getByRole('alert').getByText('together, and at most 24.1 MB can be sent').waitFor()
    expect(site.requests()).toEqual([])
    await send(url)
    await page.waitForURL(/\?request=/)
    expect(String(site.requests()[0]?.inputs?.picture)).toMatch(/^data:image\/png;base64,iVBOR/)
    await page.getByRole('link', { name: 'All about this request' }).click()
    await page.getByText('image/png, 100 kB').waitFor()
    await page.getByRole('link', { name: 'Open in its form' }).click()
    await isLoaded(page, 'Chosen for Picture')
    expect(await page.getByLabel('Prompt').inputValue()).toBe('With a picture')
  })
})

it('a request is taken back, and made again with the same inputs', async () => {
  await withModel(async (page, site) => {
    const id = await run(page, site)
    begin(site, id)
    await page.getByRole('button', { name: 'Cancel' }).click()
    await said(page, 'Cancelled.')
    await page.getByRole('button', { name: 'Run again' }).click()
    await result(page).getByText('Waiting for a machine.').waitFor()
    const [first, second] = site.requests()
    expect([first?.status, second?.status]).toEqual(['cancelled', 'in_queue'])
    expect(second?.inputs).toEqual(first?.inputs)
  })
})

describe('everybody can read these pages, in light and dark, and on a phone', { timeout: 90_000 }, () => {
  it('a model, a call that failed, and what others did', async () => {
    await withModel(async (page, site) => {
      await page.goto('/requests')
      await page.getByText('No requests yet').waitFor()
      await page.goto(MODEL)
      await page.getByRole('tab', { name: 'runcomfy' }).press('ArrowRight')
      await page.getByRole('tab', { name: 'curl', selected: true }).waitFor()
      expect(await page.getByLabel('Call, status and result').inputValue()).toContain(
        `${site.settings.publicUrl}/v1/models/${MODEL_ID}`,
      )
      const id = await run(page, site, 'x'.repeat(300))
      begin(site, id, {
        machineId: site.runMachine(site.admin),
        progressText: 'y'.repeat(120),
        progress: 0.5,
      })
      await result(page).getByText('50 %').waitFor()
      const errorMessage = 'The node KSampler failed: out of memory.'
      end(site, id, 'failed', { errorClass: 'node_failed', errorMessage })
      await page.getByRole('alert').getByText('the log of the machine’s ComfyUI says more').waitFor()
      await page.getByRole('link', { name: 'Log of its ComfyUI' }).waitFor()
      await expectGood(page, 'failed')
      complete(site, site.admin, await run(page, site), [
        { name: 'one.png', content: PICTURE },
        { name: 'two.mp4', mediaType: 'video/mp4', content: 'x' },
        { name: 'three.flac', mediaType: 'audio/flac', content: 'x' },
        { name: `${'four'.repeat(30)}.svg`, mediaType: 'image/svg+xml', content: '<svg/>' },
      ])
      await isLoaded(page, 'one.png')
      await page.getByRole('link', { name: 'All about this request' }).click()
      await isLoaded(page, 'one.png')
      await expectGood(page, 'request')
      await page.getByRole('link', { name: 'Requests' }).first().click()
      await isLoaded(page, 'one.png')
      await page.getByText(errorMessage).waitFor()
      await expectGood(page, 'requests')
    })
  })
})
