import { describe, it } from 'vitest'
import { expectGood, expectQuiet, openSite } from './pages'

const site = openSite()

describe('every page can be read by everybody, in light and dark, and fits a phone', {
  timeout: 90_000,
}, () => {
  it('sign-in, with and without a link that works', async () => {
    await site.withPage({ storageState: undefined }, async (page) => {
      await page.goto('/sign-in')
      await expectGood(page, 'sign-in')
      await page.goto(await site.app.signInLink())
      await expectGood(page, 'link')
      await page.goto('/sign-in/used')
      await page.getByText('This link no longer works').waitFor()
      await expectGood(page, 'dead link')
    })
  })

  it('where a code is typed, after too many wrong ones', async () => {
    await site.withPage({ storageState: undefined }, async (page) => {
      for (let wrong = 0; wrong <= 10; wrong++) {
        // Five wrong ones end a link.
        if (wrong % 5 === 0) {
          await page.goto('/sign-in')
          await page.getByLabel('E-mail address').fill('nobody@example.org')
          await page.getByRole('button', { name: 'link' }).click()
        }
        await page.getByLabel('Code').fill('000000')
        const answered = page.waitForResponse((response) => response.request().method() === 'POST')
        await page.getByRole('button', { name: 'Sign in with the code' }).click()
        await answered
      }
      await page.getByText('Open the link itself in the browser that asked for it').waitFor()
      await expectGood(page, 'too many codes')
    })
  })

  it('a page that isn’t there', async () => {
    await site.withPage({}, async (page) => {
      await page.goto('/nowhere')
      await page.getByRole('heading', { name: 'Not found' }).waitFor()
      await expectGood(page, 'nowhere')
    })
  })
})

it('no page complains in the browser’s console', async () => {
  await site.withPage({}, (page) =>
    expectQuiet(page, async () => {
      for (const path of ['/sign-in', '/sign-in/used']) {
        await page.goto(path)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await page.waitForLoadState('load')
      }
    }),
  )
})
