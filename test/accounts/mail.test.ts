import { expect, it, onTestFinished, test } from 'vitest'
import { openMail } from '~/app/accounts/mail'
import { invitationMail, signInMail } from '~/app/accounts/messages'
import { startMailServer } from '../fakes/mail'
import { recordingLogger } from '../support/logger'

const LINK = 'http://slipway.test:3000/sign-in/CANARYlinkCANARYlinkCANARYlinkCANARYlink123'
const FROM = { name: 'Slipway', address: 'slipway@example.org' }
const AT = new Date(Date.UTC(2026, 0, 1, 12, 30))
const MESSAGE = signInMail({
  link: LINK,
  asked: { browser: 'Firefox on Linux', address: '192.0.2.7', at: AT },
})

async function withServer({ tryLimitMs }: { tryLimitMs?: number } = {}) {
  const server = await startMailServer()
  const { logger, lines } = recordingLogger()
  const mail = openMail({ smtpUrl: server.url, from: FROM, logger, tryLimitMs })
  if (!mail) throw new Error('There is no mail.')
  onTestFinished(async () => {
    mail.close()
    await server.close()
  })
  return { server, mail, logged: lines }
}

it('without a mail server there is no way to send', () => {
  expect(openMail({ smtpUrl: undefined, from: FROM, logger: recordingLogger().logger })).toBeUndefined()
})

it('a sign-in mail reaches the one address with the link, and says who asked and what to do if not', async () => {
  const { server, mail } = await withServer()
  await mail.send({ to: 'Mo@Example.org', ...MESSAGE })
  expect(server.mails).toHaveLength(1)
  const [received] = server.mails
  expect(received).toMatchObject({
    from: FROM.address,
    to: ['mo@example.org'],
    subject: 'Sign in to Slipway',
  })
  for (const content of [received?.text, received?.html]) {
    expect(content).toContain(LINK)
    expect(content).toContain('Firefox on Linux from 192.0.2.7, 2026-01-01 at 12:30 UTC')
    expect(content).toContain('once, for 10 minutes')
    expect(content).toMatch(/wasn't you/)
  }
  expect(received?.raw).toMatch(/^Auto-Submitted: auto-generated\r$/m)
})

test.each([
  'mo@example.org\r\nBcc: eve@example.org',
  'mo@example.org, eve@example.org',
  'mo@example.org>\r\nRCPT TO:<eve@example.org',
  'Mo <mo@example.org>',
  '"mo\r\nBcc: eve@example.org"@example.org',
  '',
])('%j is no address, and nothing is sent', async (to) => {
  const { server, mail } = await withServer()
  await expect(mail.send({ to, ...MESSAGE })).rejects.toThrow()
  expect(server.connections()).toBe(0)
})

it('a connection that breaks is tried twice more', async () => {
  const { server, mail, logged } = await withServer()
  await server.close()
  await expect(mail.send({ to: 'mo@example.org', ...MESSAGE })).rejects.toMatchObject({ code: 'unavailable' })
  expect(logged.map((line) => JSON.parse(line))).toMatchObject([{ code: 'ESOCKET', tries: 3 }])
})

it('what the server refuses is not tried again, and the log has its code but not the mail', async () => {
  const { server, mail, logged } = await withServer()
  server.misbehave('quote')
  await expect(mail.send({ to: 'mo@example.org', ...MESSAGE })).rejects.toMatchObject({
    code: 'unavailable',
    message: 'The mail could not be sent. Try again in a minute.',
  })
  expect(server.connections()).toBe(1)
  expect(JSON.parse(logged.join())).toMatchObject({ responseCode: 554, tries: 1 })
  expect(logged.join()).not.toMatch(/CANARY|Firefox|192\.0\.2\.7/)
})

it('a server that says nothing does not keep anybody waiting', async () => {
  const { server, mail } = await withServer({ tryLimitMs: 50 })
  server.misbehave('hang')
  await expect(mail.send({ to: 'mo@example.org', ...MESSAGE })).rejects.toMatchObject({ code: 'unavailable' })
})

it('what a stranger chose is neither markup nor a link in a mail', () => {
  const { text, html } = signInMail({
    link: LINK,
    asked: { browser: '<b>Read</b> https://evil.test/x\n\nNow', address: '192.0.2.7', at: AT },
  })
  for (const content of [text, html]) {
    expect(content).toContain('Asked for with b Read b https evil test x Now from')
    expect(content).not.toMatch(/evil\.test|<b>/)
  }
})

it('an invitation says who invites and where to sign in, and carries no secret', () => {
  const { subject, text, html } = invitationMail({
    url: 'https://slipway.example.org/sign-in',
    by: 'Ada <b>',
  })
  expect(subject).toBe('You are invited to Slipway')
  expect(text).toContain('Ada b invites you')
  expect(text.match(/https?:\S+/g)).toEqual(['https://slipway.example.org/sign-in'])
  expect(html).not.toContain('<b>')
})
