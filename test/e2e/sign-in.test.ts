import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startMailServer } from '../fakes/mail'
import { CLIENT_ID, startOidcProvider } from '../fakes/oidc'
import { until } from '../support/until'
import { expectGood, expectQuiet, openSite } from './pages'

const mail = await startMailServer()
const provider = await startOidcProvider({})
const site = openSite({
  SMTP_URL: mail.url,
  MAIL_FROM: 'Slipway <slipway@example.org>',
  SIGN_UP: 'domain:example.org',
  OIDC_PROVIDERS: 'work',
  OIDC_WORK_ISSUER: provider.issuer,
  OIDC_WORK_CLIENT_ID: CLIENT_ID,
})

beforeAll(() => provider.sendBackTo(`${site.app.url}/sign-in/with/work/callback`))
afterAll(() => Promise.all([mail.close(), provider.close()]))

const signedOut = { storageState: undefined }
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor()

/** Asks for a link by keyboard alone. @returns the link of the mail */
async function askForLink(page: Page, email: string): Promise<string> {
  const known = mail.mails.length
  await page.goto('/sign-in')
  await page.getByLabel('E-mail address').focus()
  await page.keyboard.type(email)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await heading(page, 'Check your mail')
  const { text } = await until('the mail came', () => mail.mails[known])
  return /http\S+/.exec(text)?.[0] ?? ''
}

describe('signing in by mail', () => {
  it('works in the browser that asked, and leads to the page that was wanted', async () => {
    await site.withPage(signedOut, async (page) => {
      await page.goto('/profile')
      await heading(page, 'Sign in to Slipway')
      await page.getByLabel('E-mail address').fill('mo@example.org')
      await page.getByRole('button', { name: 'Mail me a link' }).click()
      await heading(page, 'Check your mail')
      const { text } = await until('the mail came', () => mail.mails.at(-1))
      await page.goto(/http\S+/.exec(text)?.[0] ?? '')
      await page.getByText('mo@example.org').waitFor()
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForURL(`${site.app.url}/profile`)
    })
  })

  it('works by the code that the link shows in another browser', async () => {
    await site.withPage(signedOut, (asking) =>
      site.withPage(signedOut, async (other) => {
        await other.goto(await askForLink(asking, 'ann@example.org'))
        await heading(other, 'This link was asked for in another browser')
        const code = await other.getByText(/^\d{3} \d{3}$/).textContent()
        await asking.getByLabel('Code').fill(code ?? '')
        await asking.keyboard.press('Enter')
        await asking.waitForURL(`${site.app.url}/machines`)
        await other.reload()
        await heading(other, 'This link no longer works')
      }),
    )
  })
})

describe('signing in with a provider', () => {
  it.each([true, false])(
    'works with JavaScript: %s, and leads to the page that was wanted',
    async (javaScriptEnabled) => {
      provider.isVisitedBy({ sub: 'eve', email: 'eve@example.org', email_verified: true, name: 'Eve' })
      await site.withPage({ ...signedOut, javaScriptEnabled }, (page) =>
        expectQuiet(page, async () => {
          await page.goto('/profile')
          await page.getByRole('button', { name: 'Sign in with Work' }).click()
          await page.waitForURL(`${site.app.url}/profile`)
          await page.getByText('Eve').first().waitFor({ state: 'attached' })
        }),
      )
    },
  )

  it('says when the provider was told no, and leads back', async () => {
    provider.isVisitedBy(undefined)
    await site.withPage(signedOut, async (page) => {
      await page.goto('/sign-in')
      await page.getByRole('button', { name: 'Sign in with Work' }).click()
      await page.getByText('The sign-in was cancelled, or Work refused it.').waitFor()
      expect(page.url()).toBe(`${site.app.url}/sign-in/with/work`)
      await page.reload()
      await page.getByText('The sign-in was cancelled, or Work refused it.').waitFor()
      await expectGood(page, 'refused')
      await page.getByRole('link', { name: 'Back to sign-in' }).click()
      await heading(page, 'Sign in to Slipway')
    })
  })
})

it('every page on the way can be read by everybody, in light and dark, and fits a phone', {
  timeout: 90_000,
}, async () => {
  await site.withPage(signedOut, (asking) =>
    site.withPage(signedOut, async (other) => {
      const link = await askForLink(asking, 'somebody.with.a.very.long.address.indeed@example.org')
      await expectGood(asking, 'sent')
      await other.goto(link)
      await expectGood(other, 'code')
      await asking.goto(link)
      await expectGood(asking, 'link')
      await other.goto('/sign-in?next=%2Fprofile')
      await expectGood(other, 'sign-in')
      await other.getByLabel('E-mail address').fill('no@address')
      await other.keyboard.press('Enter')
      await other.getByText('Is no e-mail address').waitFor()
      await expectGood(other, 'wrong address')
    }),
  )
})
