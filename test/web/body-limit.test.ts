import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { startSite } from './site'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

it.each(['/profile', '/machines?index', '/sign-in/guess', '/trpc/account.signIn'])(
  '%s reads no large body of anybody',
  async (path) => {
    const { visitor } = await startSite()
    const body = `token=${'x'.repeat(70_000)}`
    expect((await visitor().ask(path, { method: 'POST', headers: FORM, body })).status).toBe(413)
  },
)

it('a body that does not say its length is not read', async () => {
  const { visitor } = await startSite()
  const body = Readable.from(['token=', 'x']) as unknown as Buffer
  expect((await visitor().ask('/profile', { method: 'POST', headers: FORM, body })).status).toBe(411)
})
