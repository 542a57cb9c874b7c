import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startBrowser } from '../test/support/browser'
import { contactSheet } from './contact-sheet'
import { startFileManager } from './file-manager'
import { paintPicture } from './picture'
import { startDemo } from './slipway'
import { pretendDisk } from './steady-disk'
import { PLACES } from './table'
import { take } from './take'

/**
 * Takes every page of a Slipway with a demo in it, or those that are named; with `--docs` also the ones that the
 * documentation shows. Needs a build, a redis-server and a Chromium.
 */
const FOLDER = 'build/screenshots'
const names = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const unknown = names.filter((name) => !PLACES.some((place) => place.name === name))
if (unknown.length > 0) {
  console.error(
    `There is no ${unknown.join(', ')}: choose from ${PLACES.map(({ name }) => name).join(', ')}.`,
  )
  process.exit(2)
}
const places = names.length > 0 ? PLACES.filter(({ name }) => names.includes(name)) : PLACES
const docs = process.argv.includes('--docs') ? 'docs/images' : undefined
mkdirSync(FOLDER, { recursive: true })

const began = Date.now()
pretendDisk()
const browser = await startBrowser()
const picture = await paintPicture(browser)
const [slipway, files] = await Promise.all([startDemo(picture), startFileManager(picture)])
const failed: string[] = []
try {
  const sites = {
    slipway: slipway.url,
    files: files.url,
    demo: slipway.demo,
  }
  for (const place of places)
    await take(browser, place, sites, { all: FOLDER, docs }).catch((error: Error) => {
      failed.push(`${place.name}: ${error.message}`)
    })
} finally {
  await browser.close()
  await Promise.all([slipway.end(), files.end()])
}
writeFileSync(join(FOLDER, 'index.html'), contactSheet(PLACES))
console.log(
  `${places.length - failed.length} pages in ${Math.round((Date.now() - began) / 1000)} s, in ${FOLDER}.`,
)
for (const why of failed) console.error(why)
process.exit(failed.length ? 1 : 0)
