import { startBrowser } from '../../test/support/browser'
import type { Suite } from '../figures'
import { signInAsAdmin, startSlipway } from '../slipway'

/** What Chromium is sent when it opens the Profile page for the first time, as compressed as the server sends it. */
const weight: Suite = async (report) => {
  const slipway = await startSlipway()
  const browser = await startBrowser()
  try {
    const page = await (await browser.newContext()).newPage()
    const [name = '', value = ''] = (await signInAsAdmin(slipway.url, slipway.db)).split('=')
    await page.context().addCookies([{ name, value, url: slipway.url }])
    const sizes = new Map<string, number>()
    page.on('response', (answer) => {
      sizes.set(answer.url(), Number(answer.headers()['content-length']))
    })
    await page.goto(`${slipway.url}/profile`, { waitUntil: 'networkidle' })
    const filesOf = (ending: string) => [...sizes].filter(([url]) => url.endsWith(ending))
    const kilobytes = (ending: string) => filesOf(ending).reduce((all, [, bytes]) => all + bytes, 0) / 1000
    report({
      what: 'JavaScript of the Profile page',
      value: kilobytes('.js'),
      unit: 'kB',
      aim: { most: 120 },
      note: `${filesOf('.js').length} files, brotli`,
    })
    report({ what: 'Styles of the Profile page', value: kilobytes('.css'), unit: 'kB' })
  } finally {
    await browser.close()
    await slipway.end()
  }
}
export default weight
