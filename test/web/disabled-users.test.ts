import { once } from 'node:events'
import { WebSocket } from 'undici'
import { describe, expect, it } from 'vitest'
import { findSession } from '~/db/sessions'
import { startSite } from './site'
import { startUpstream } from './upstream'
import { cookieOf, dataOf, refusalOf } from './visitor'

describe('fault 64: when an administrator disables a user', () => {
  it('sessions and API tokens are refused at once, and enabling brings neither back', async () => {
    const { admin, member, signedIn, withApiToken } = await startSite()
    const [boss, mo, program] = [signedIn(admin), signedIn(member), withApiToken(member, ['write']).visitor]
    expect((await boss.mutate('admin.users.disable', { id: member.id })).status).toBe(200)
    for (const who of [mo, program]) expect((await who.query('account.me')).status).toBe(401)
    expect((await boss.mutate('admin.users.enable', { id: member.id })).status).toBe(200)
    for (const who of [mo, program]) expect((await who.query('account.me')).status).toBe(401)
  })

  it('open event streams and sockets of machines end, though nobody asks again for a day', async () => {
    const upstream = await startUpstream((_request, response) => response.write('first\n'))
    // No recheck by time: the end has to come from the procedure.
    const site = await startSite({ recheckEveryMs: 24 * 60 * 60 * 1000 })
    const { admin, member, signedIn, runMachine, serviceUrl, visitor } = site
    const mo = signedIn(member)
    const id = runMachine(member, { address: upstream.address })
    const ticket = dataOf<{ url: string }>(await mo.mutate('machines.open', { id, service: 'filebrowser' }))
    const inside = visitor(cookieOf(await visitor().get(ticket.url)))
    const watch = (headers: Record<string, string>) => mo.stream('/trpc/machines.watchList', { headers })
    const streams = await Promise.all([
      watch({ accept: 'text/event-stream' }),
      watch({}),
      watch({ accept: '*/*' }),
    ])
    const download = await inside.stream(`${serviceUrl(id)}endless`)
    const { host, origin } = new URL(serviceUrl(id))
    const headers = { cookie: inside.cookie ?? '', origin }
    const socket = new WebSocket(`ws://${host}/ws`, { headers, dispatcher: site.dispatcher })
    await once(socket, 'open')
    const ends = [...streams.map(({ body }) => body), download.body].map((channel) => {
      channel.on('error', () => undefined)
      channel.resume()
      return new Promise((resolve) => channel.once('close', resolve))
    })
    await signedIn(admin).mutate('admin.users.disable', { id: member.id })
    await Promise.all([...ends, once(socket, 'close')])
  })

  it('what others have open stays', async () => {
    const { admin, member, signedIn } = await startSite({ recheckEveryMs: 24 * 60 * 60 * 1000 })
    const boss = signedIn(admin)
    const events = await boss.stream('/trpc/machines.watchList', { headers: { accept: 'text/event-stream' } })
    events.body.on('error', () => undefined)
    await boss.mutate('admin.users.disable', { id: member.id })
    expect((await boss.query('account.me')).status).toBe(200)
    expect(events.body.destroyed).toBe(false)
    events.body.destroy()
  })

  it('the account can’t be entered again by any way', async () => {
    const { db, clock, admin, member, signedIn } = await startSite()
    const mo = signedIn(member)
    await signedIn(admin).mutate('admin.users.disable', { id: member.id })
    // Even a session that was somehow left over opens nothing.
    db.$client.prepare(`update sessions set user_id = ?`).run(member.id)
    const [, secret = ''] = mo.cookie?.split('=') ?? []
    expect(findSession(db, secret, clock)).toBeUndefined()
  })

  it('the only administrator stays', async () => {
    const { admin, signedIn } = await startSite()
    const boss = signedIn(admin)
    for (const [procedure, input] of [
      ['admin.users.disable', { id: admin.id }],
      ['admin.users.change', { id: admin.id, role: 'member' }],
    ] as const) {
      const answer = await boss.mutate(procedure, input)
      expect([answer.status, refusalOf(answer).message]).toMatchObject([409, /only administrator/])
    }
    expect((await boss.query('admin.users.list')).status).toBe(200)
  })
})
