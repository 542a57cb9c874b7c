import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { User } from '~/db/users'
import { startCliSite } from './site'

type CliSite = Awaited<ReturnType<typeof startCliSite>>

/** Logs in while this user, signed in with a browser, decides. */
async function login(
  { site, runcomfy }: CliSite,
  user: User,
  decision: 'approve' | 'deny',
  ...args: string[]
) {
  const browser = site.signedIn(user)
  let seen = ''
  let decided: Promise<unknown> | undefined
  const decide = async (userCode: string) => {
    await browser.mutate('deviceGrants.lookUp', { userCode })
    return browser.mutate(`deviceGrants.${decision}`, { userCode })
  }
  const onOutput = (text: string) => {
    seen += text
    const userCode = /enter the code (\S{4}-\S{4})/.exec(seen)?.[1]
    if (userCode) decided ??= decide(userCode)
  }
  const ran = await runcomfy(undefined, ['login', '-vv', ...args], { onOutput })
  await decided
  return ran
}

test('a login that its user authorizes is theirs, named after its device, until it is logged out', async () => {
  const cli = await startCliSite()
  const { site, url, home, runcomfy } = cli
  const file = join(home, '.config/runcomfy/token.json')
  const ran = await login(cli, site.member, 'approve', '--name', "Mo's laptop")
  expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(`^Logged in to ${url} as `) })
  const { access_token: token, web_base } = JSON.parse(readFileSync(file, 'utf8'))
  expect(web_base).toBe(url)
  expect(ran.stdout + ran.stderr + ran.commandLine).not.toContain(token)
  const listed = JSON.parse((await site.signedIn(site.member).query('apiTokens.list')).text).result.data
  expect(listed).toMatchObject([{ name: "Mo's laptop" }])

  const { code, stdout } = await runcomfy(undefined, ['whoami', '--output', 'json'])
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, id: site.member.id, token_type: 'cli' })

  expect(await runcomfy(undefined, ['logout'])).toMatchObject({ code: 0, stdout: `Logged out of ${url}.\n` })
  expect(existsSync(file)).toBe(false)
  const after = await runcomfy(undefined, ['whoami'], { env: { RUNCOMFY_TOKEN: token } })
  expect(after).toMatchObject({ code: 77, stdout: '', stderr: expect.stringContaining('RUNCOMFY_TOKEN') })
})

test('logging in again revokes the login before', async () => {
  const cli = await startCliSite()
  const { site, home, runcomfy } = cli
  const tokenNow = () =>
    JSON.parse(readFileSync(join(home, '.config/runcomfy/token.json'), 'utf8')).access_token
  await login(cli, site.member, 'approve')
  const before = tokenNow()
  await login(cli, site.member, 'approve')
  expect(tokenNow()).not.toBe(before)
  const asked = await runcomfy(undefined, ['whoami'], { env: { RUNCOMFY_TOKEN: before } })
  expect([asked.code, (await runcomfy(undefined, ['whoami'])).code]).toEqual([77, 0])
})

test('a login that its user denies leaves nothing behind', async () => {
  const cli = await startCliSite()
  const ran = await login(cli, cli.site.member, 'deny')
  expect(ran).toMatchObject({
    code: 77,
    stdout: '',
    stderr: expect.stringContaining('Error: The login was denied.'),
  })
  expect(existsSync(join(cli.home, '.config/runcomfy/token.json'))).toBe(false)
})
