import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { createSession } from '~/db/sessions'
import { createUser } from '~/db/users'
import { SOMEWHERE } from '../support/actors'
import { expectGood, expectQuiet, openSite } from './pages'

const site = openSite()
const now = () => Date.now()

let mo: string
beforeAll(() => {
  mo = site.changeDatabase((db) => {
    const { id } = createUser(db, { name: 'Mo', role: 'member', email: 'mo@example.org' }, now)
    return createSession(db, { userId: id, from: SOMEWHERE }, now)
  })
})

/** A browser that a member is signed in with. */
const asMember = (work: (page: Page) => Promise<void>) =>
  site.withPage({ storageState: undefined }, async (page) => {
    await page.context().addCookies([{ name: 'slipway_session', value: mo, url: site.app.url }])
    await work(page)
  })

async function call<T>(procedure: string, input: object): Promise<T> {
  const { url } = site.app
  const answer = await fetch(`${url}/trpc/${procedure}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'runcomfy/1.0 (Linux)', origin: url },
    body: JSON.stringify(input),
  })
  return (await answer.json()).result.data
}

/** A program that asks to be let in. */
const start = (deviceName: string, scopes: string[] = ['write']) =>
  call<{ deviceCode: string; userCode: string }>('deviceGrants.start', {
    clientId: 'runcomfy',
    deviceName,
    scopes,
    protocol: 'runcomfy',
  })
const redeem = (deviceCode: string) =>
  call<{ state: string; token: string }>('deviceGrants.redeem', {
    deviceCode,
    clientId: 'runcomfy',
  })
const statusWith = async (token: string) => {
  const headers = { authorization: `Bearer ${token}` }
  return (await fetch(`${site.app.url}/trpc/machines.list`, { headers })).status
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor()
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent)

async function enter(page: Page, code: string) {
  await page.goto('/cli-auth')
  await page.getByLabel('Code').fill(code)
  await page.getByRole('button', { name: 'Continue' }).click()
  await heading(page, 'Let this device in?')
}
const decide = (page: Page, name: 'Authorize' | 'Deny') => page.getByRole('button', { name }).click()

describe('letting a device in', () => {
  it.each([true, false])(
    'with JavaScript: %s, it gets a token, which revoked opens nothing',
    async (javaScriptEnabled) => {
      const device = `ana’s laptop ${javaScriptEnabled}`
      const { deviceCode, userCode } = await start(device)
      await site.withPage({ javaScriptEnabled }, async (page) => {
        await page.goto('/profile')
        await page.getByRole('link', { name: 'Enter a code' }).click()
        await heading(page, 'Enter the code of your device')
        await page.getByLabel('Code').fill(` ${[...userCode.toLowerCase()].join(' ')} `)
        await page.getByRole('button', { name: 'Continue' }).click()
        await heading(page, 'Let this device in?')
        for (const said of [device, 'runcomfy on Linux', 'See and change'])
          await page.getByText(said).first().waitFor()
        expect((await redeem(deviceCode)).state).toBe('pending')
        await page.reload()
        await decide(page, 'Authorize')
        await heading(page, 'Device authorized')
        await page.reload()
        await heading(page, 'Device authorized')
        const { token } = await redeem(deviceCode)
        expect(await statusWith(token)).toBe(200)

        await page.getByRole('link', { name: 'To your Profile page' }).click()
        const row = page.getByRole('listitem', { name: device })
        await row.getByText('Command line').waitFor()
        await row.getByRole('link', { name: 'Revoke' }).click()
        await page.getByRole('button', { name: 'Revoke for good' }).click()
        await page.getByText(`“${device}” is revoked.`).waitFor()
        expect(await statusWith(token)).toBe(401)
      })
    },
  )

  it('is done by keyboard alone; Enter on the way authorizes nothing', async () => {
    const { deviceCode, userCode } = await start('keys')
    await site.withPage({}, async (page) => {
      await page.goto('/cli-auth')
      await page.getByLabel('Code').focus()
      await page.keyboard.type(userCode)
      await page.keyboard.press('Enter')
      await expect.poll(() => focused(page)).toBe('Let this device in?')
      await page.keyboard.press('Enter')
      await page.keyboard.press('Tab')
      expect(await focused(page)).toBe('Authorize')
      expect((await redeem(deviceCode)).state).toBe('pending')
      await page.keyboard.press('Enter')
      await expect.poll(() => focused(page)).toBe('Device authorized')
      expect((await redeem(deviceCode)).state).toBe('redeemed')
    })
  })

  it('a device that is denied gets nothing', async () => {
    const { deviceCode, userCode } = await start('not mine')
    await site.withPage({}, async (page) => {
      await enter(page, `Your code: ${userCode}`)
      await decide(page, 'Deny')
      await heading(page, 'Device denied')
      expect((await redeem(deviceCode)).state).toBe('denied')
    })
  })
})

it('what was authorized by mistake is taken back as long as it has no token', async () => {
  const { deviceCode, userCode } = await start('a mistake')
  await site.withPage({}, async (page) => {
    await enter(page, userCode)
    await decide(page, 'Authorize')
    await heading(page, 'Device authorized')
    await expectGood(page, 'authorized')
    await page.getByRole('button', { name: 'Take it back' }).click()
    await heading(page, 'Device denied')
    expect((await redeem(deviceCode)).state).toBe('denied')
  })
})

it('fault 75: a link with a code in it fills in nothing and authorizes nothing', async () => {
  const { deviceCode, userCode } = await start('bait')
  await site.withPage({}, async (page) => {
    await page.goto(`/cli-auth?code=${userCode}&user_code=${userCode}&decision=approved`)
    await heading(page, 'Enter the code of your device')
    await page.waitForLoadState('networkidle')
    expect(await page.getByLabel('Code').inputValue()).toBe('')
    await page.getByLabel('Code').focus()
    await page.keyboard.press('Enter')
    expect(await page.getByRole('button', { name: 'Authorize' }).count()).toBe(0)
    expect((await redeem(deviceCode)).state).toBe('pending')
    // What somebody types there is theirs, and their address has no code in it.
    await page.getByLabel('Code').fill(userCode)
    await page.keyboard.press('Enter')
    await heading(page, 'Let this device in?')
    expect(new URL(page.url()).search).toBe('')
  })
})

it('fault 73: one user’s code is no other’s to decide', async () => {
  const { deviceCode, userCode } = await start('hers')
  await site.withPage({}, async (page) => {
    await enter(page, userCode)
    const question = page.url()
    await asMember(async (other) => {
      await other.goto('/cli-auth')
      await other.getByLabel('Code').fill(userCode)
      await other.keyboard.press('Enter')
      await other.getByText('No login waits for this code.').waitFor()
      expect(await other.getByLabel('Code').inputValue()).toBe(userCode)
      await other.goto(question)
      await heading(other, 'Not found')
    })
    expect((await redeem(deviceCode)).state).toBe('pending')
    await decide(page, 'Authorize')
    await heading(page, 'Device authorized')
  })
})

it('a member can only deny what asks to administer the server', async () => {
  const { deviceCode, userCode } = await start('too much', ['write', 'admin:write'])
  await asMember(async (page) => {
    await enter(page, userCode)
    await page.getByText('Your account can’t authorize this').waitFor()
    expect(await page.getByRole('button', { name: 'Authorize' }).count()).toBe(0)
    await decide(page, 'Deny')
    await heading(page, 'Device denied')
    expect((await redeem(deviceCode)).state).toBe('denied')
  })
})

it('a page that was left open says how the login stands now', async () => {
  const { deviceCode, userCode } = await start('two tabs')
  await site.withPage({}, async (page) => {
    await enter(page, userCode)
    const other = await page.context().newPage()
    await other.goto(page.url())
    await decide(other, 'Authorize')
    await heading(other, 'Device authorized')
    await redeem(deviceCode)
    for (const [left, name] of [
      [page, 'Deny'],
      [other, 'Take it back'],
    ] as const) {
      await left.getByRole('button', { name }).click()
      await left.getByText('It got its token before you denied it').waitFor()
    }
    await other.close()
  })
})

it('fault 80: what a program says of itself is shown as text, and in its place', async () => {
  const hostile = `<img src=x onerror=pwned=1>\u202e${'x'.repeat(150)}`
  const { userCode } = await start(hostile)
  await site.withPage({ bypassCSP: true }, async (page) => {
    await enter(page, userCode)
    const [name = ''] = await page.getByText('<img src=x onerror=pwned=1>').allTextContents()
    expect([name.length <= 60, /\p{C}/u.test(name)]).toEqual([true, false])
    expect(await page.locator('img[src="x"]').count()).toBe(0)
    await decide(page, 'Authorize')
    await heading(page, 'Device authorized')
    expect(await page.evaluate(() => 'pwned' in window)).toBe(false)
  })
})

it('every step can be read by everybody, in light and dark, and fits a phone', {
  timeout: 90_000,
}, async () => {
  const [first, second] = [await start('one'), await start('x'.repeat(100), ['write', 'admin:write'])]
  await site.withPage({}, (page) =>
    expectQuiet(page, async () => {
      await page.goto('/cli-auth')
      await page.getByLabel('Code').fill('no code')
      await page.keyboard.press('Enter')
      await page.getByText('No login waits for this code.').waitFor()
      await expectGood(page, 'wrong code')
      await enter(page, second.userCode)
      await expectGood(page, 'question')
      await decide(page, 'Deny')
      await heading(page, 'Device denied')
      await expectGood(page, 'denied')
      await enter(page, first.userCode)
      await decide(page, 'Authorize')
      await heading(page, 'Device authorized')
      await expectGood(page, 'authorized')
    }),
  )
})
