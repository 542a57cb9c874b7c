import type { Browser } from 'playwright-core'

/** What the demo's models draw: a lighthouse at dusk. */
const LIGHTHOUSE = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512" width="512" height="512">
<defs>
  <linearGradient id="sky" x2="0" y2="1"><stop stop-color="#1e1b4b"/><stop offset=".55" stop-color="#9d4a78"/>
    <stop offset="1" stop-color="#f8a76b"/></linearGradient>
  <linearGradient id="sea" x2="0" y2="1"><stop stop-color="#6b3f69"/><stop offset="1" stop-color="#191735"/></linearGradient>
  <radialGradient id="lamp"><stop stop-color="#fff6cf"/><stop offset="1" stop-color="#fff6cf" stop-opacity="0"/></radialGradient>
</defs>
<rect width="512" height="512" fill="url(#sky)"/><circle cx="120" cy="318" r="34" fill="#ffd9a0"/>
<rect y="340" width="512" height="172" fill="url(#sea)"/>
<path d="M98 352h44M86 372h68M104 392h32M90 412h60" stroke="#ffd9a0" stroke-width="3" opacity=".55"/>
<path d="M346 168 40 96v66zM370 168l180-60v96z" fill="#fff6cf" opacity=".22"/>
<path d="M250 512c24-92 66-128 112-128s100 40 150 72v56z" fill="#141230"/>
<path d="M336 400l10-212h24l10 212z" fill="#efe7e2"/>
<path d="M339 330h38l2 40h-42zM343 250h30l2 40h-34z" fill="#b8443c"/>
<rect x="338" y="176" width="40" height="8" fill="#141230"/><rect x="346" y="152" width="24" height="24" fill="#fff6cf"/>
<path d="M342 152l16-18 16 18z" fill="#b8443c"/><circle cx="358" cy="164" r="56" fill="url(#lamp)"/>
</svg>`

/** @returns it as a PNG, as ComfyUI would have saved it */
export async function paintPicture(browser: Browser): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: 512, height: 512 } })
  await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${LIGHTHOUSE}`)
  const picture = await page.screenshot()
  await page.close()
  return picture
}
