import { describe, expect, it, test } from 'vitest'
import { findMachine } from '~/db/machine-states'
import { getUserLimits } from '~/db/user-limits'
import { startSite } from './site'
import { dataOf, refusalOf } from './visitor'

const env = { ALLOW_UNISOLATED: '1', MACHINES_PER_USER: '2', SESSION_HOURS: '4' }
const NO_LIMITS = { machines: '', sessionHours: '', diskGib: '' }

async function site() {
  const found = await startSite({ env })
  const page = `/admin/users/${found.member.id}`
  const ada = found.signedIn(found.admin)
  const send = (fields: Record<string, string>) =>
    ada.submit(page, { intent: 'limits', ...NO_LIMITS, ...fields })
  return { ...found, page, ada, mo: found.signedIn(found.member), send }
}

describe('an administrator', () => {
  it('sets the limits of one user, who sees them on the profile and has machines by them', async () => {
    const { page, ada, mo, member, db, send } = await site()
    expect((await ada.get(page)).text).toContain('Everybody’s: 4')
    const { text } = await send({ machines: '1', sessionHours: '1.5', diskGib: '20' })
    expect(text).toContain('The limits are saved.')
    expect(getUserLimits(db, member.id)).toEqual({
      machines: 1,
      sessionMs: 5_400_000,
      diskBytes: 20 * 1024 ** 3,
    })
    const { limits } = dataOf<{ limits: object }>(await mo.query('machines.options'))
    expect(limits).toMatchObject({ machinesPerUser: 1, sessionMinutes: 90 })
    expect((await mo.get('/profile')).text).toContain('1.5 hours')
    const { id } = dataOf<{ id: string }>(await mo.mutate('machines.launch', {}))
    expect(dataOf(await mo.query('machines.get', { id }))).toMatchObject({ sessionMinutes: 90 })
    expect(refusalOf(await mo.mutate('machines.launch', {})).message).toContain('You have 1 of 1 machine')
    expect((await ada.get('/admin/audit')).text).toContain('Limits of a user changed')
    await send({})
    expect(getUserLimits(db, member.id)).toEqual({ machines: null, sessionMs: null, diskBytes: null })
  })

  test.each([
    ['machines', '-1', 'Must be 0 or more'],
    ['machines', '1.5', 'Must be a whole number'],
    ['sessionHours', 'ever', 'Must be a number'],
    ['sessionHours', '0.1', 'Must be 0.5 or more'],
    ['diskGib', '0', 'Must be more than 0'],
  ])(
    'is told what is wrong with %s %s, which stays in the form and changes nothing',
    async (name, value, fault) => {
      const { db, member, send } = await site()
      const { text } = await send({ machines: '3', [name]: value })
      expect(text).toContain(fault)
      expect(text).toContain(`value="${value}"`)
      expect(getUserLimits(db, member.id).machines).toBeNull()
    },
  )

  it('disables an account on its page, and is led to the list from one that is gone', async () => {
    const { page, ada, mo } = await site()
    expect((await ada.submit(page, { intent: 'disable' })).text).toContain('The account is disabled.')
    expect((await mo.query('account.me')).status).toBe(401)
    const { id } = dataOf<{ id: string }>(await ada.mutate('admin.users.invite', { email: 'bo@example.org' }))
    const gone = await ada.submit(`/admin/users/${id}`, { intent: 'withdraw' })
    expect([gone.status, gone.headers.location]).toEqual([302, '/admin/users'])
    expect((await ada.get(`/admin/users/${id}`)).status).toBe(404)
  })
})

it('whose limit is 0 reads so in place of the launch form, and in what a script is answered', async () => {
  const { mo, send, runMachine, member, db } = await site()
  const id = runMachine(member)
  await send({ machines: '0' })
  const page = (await mo.get('/machines')).text
  expect(page).toContain('You may not launch machines: an administrator has set your limit to 0.')
  expect(page).not.toContain('value="launch"')
  const answer = await mo.mutate('machines.launch', {})
  expect([answer.status, refusalOf(answer).message]).toMatchObject([403, /your limit to 0\. Ask one/])
  expect(findMachine(db, id)?.status).toBe('running')
})
