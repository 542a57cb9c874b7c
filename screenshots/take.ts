import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { until } from '../test/support/until'
import type { Demo } from './demo'
import { NOW } from './moments'
import { docsImage, type Place, SCHEMES, WIDTHS } from './table'

interface Sites {
  slipway: string
  files: string
  demo: Demo
}

interface Folders {
  /** Of all that are taken. */
  all: string
  /** Of those for the documentation; undefined when they are not wanted. */
  docs?: string | undefined
}

const HEIGHTS = { 360: 740, 768: 1024, 1440: 900 } as const

/** Opens the place at every width and takes it there, light and dark. */
export async function take(browser: Browser, place: Place, sites: Sites, folders: Folders): Promise<void> {
  const baseURL = place.files ? sites.files : sites.slipway
  const context = await browser.newContext({ baseURL, reducedMotion: 'reduce' })
  context.setDefaultTimeout(15_000)
  try {
    await signIn(context, place, sites)
    await context.clock.setFixedTime(NOW)
    const page = await context.newPage()
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: HEIGHTS[width] })
      await open(page, place, sites.demo)
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme })
        const path = join(folders.all, `${place.name}-${width}-${colorScheme}.png`)
        await page.screenshot({ path, fullPage: true })
        if (!folders.docs || place.docs?.width !== width || !place.docs.schemes.includes(colorScheme))
          continue
        await page.setViewportSize({ width, height: place.docs.height })
        await page.screenshot({ path: join(folders.docs, docsImage(place, colorScheme)) })
        await page.setViewportSize({ width, height: HEIGHTS[width] })
      }
    }
  } finally {
    await context.close()
  }
}

async function signIn(context: BrowserContext, { files, as }: Place, { slipway, demo }: Sites) {
  if (files || as === 'nobody') return
  const value = demo.sessions[as === 'new' ? 'new' : 'ada']
  await context.addCookies([{ name: 'slipway_session', value, url: slipway }])
}

async function open(page: Page, place: Place, demo: Demo) {
  // Another part of the same address would load nothing.
  await page.goto('about:blank')
  await page.goto(typeof place.path === 'string' ? place.path : place.path(demo))
  await until(`${place.name} is alive`, () => page.evaluate(isAlive))
  await place.reach?.(page)
  await until(`${place.name} is drawn`, () => page.evaluate(isDrawn))
  await page.mouse.move(0, 0)
}

/** Whether React has taken the page over. */
function isAlive() {
  const [element] = document.querySelectorAll('main, main *')
  return !!element && Object.keys(element).some((key) => key.startsWith('__react'))
}

/** Whether all pictures and fonts are there, and nothing is still asked for. */
async function isDrawn() {
  await document.fonts.ready
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
  const isBusy = document.querySelector('[aria-busy="true"]')
  return !isBusy && [...document.images].every((image) => image.complete)
}
