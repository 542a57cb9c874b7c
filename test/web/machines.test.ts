import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { getMachine, listMachines } from '~/db/machines'
import { openLaunchQueue } from '~/worker/queue'
import { startSite } from './site'
import { dataOf, refusalOf } from './visitor'

it('launching queues a machine and tells the workers its id and attempt, nothing else', async () => {
  const { admin, signedIn, db, jobs } = await startSite()
  const browser = signedIn(admin)
  await browser.mutate('providerTokens.save', { provider: 'huggingface', token: 'hf_CANARYlaunch' })
  const answer = await browser.submit('/machines?index', { name: '  Studio  ', intent: 'launch' })
  const [machine] = listMachines(db, admin.id)
  expect([answer.status, answer.headers.location]).toEqual([302, `/machines/${machine?.id}`])
  expect(machine).toMatchObject({ name: 'Studio', status: 'queued', attempt: 1 })
  expect(jobs).toEqual([{ job: 'launch', machineId: machine?.id, attempt: 1 }])
})

it('a machine without a name is called after what it runs', async () => {
  const { admin, signedIn, db } = await startSite()
  await signedIn(admin).submit('/machines?index', { name: ' ', intent: 'launch' })
  expect(listMachines(db, admin.id)[0]?.name).toBe('ComfyUI')
})

it.each([
  ['x'.repeat(61), 'Has more than 60 characters; use a shorter one'],
  ['a\u0000b', 'Holds control characters; type it again'],
])('a name that is no name is refused with the cure: %j', async (name, sentence) => {
  const { admin, signedIn, db } = await startSite()
  const { status, text } = await signedIn(admin).submit('/machines?index', { name, intent: 'launch' })
  expect(status).toBe(200)
  expect(text).toContain(sentence)
  expect(listMachines(db, admin.id)).toEqual([])
})

it('with Redis away a launch still answers “queued”', async () => {
  const nowhere = `unix://${join('/nonexistent', 'redis.sock')}`
  const queue = openLaunchQueue({ redisUrl: nowhere, installationId: 'test' }, () => undefined)
  onTestFinished(() => queue.close())
  const { admin, signedIn, db } = await startSite({ queue })
  const answer = await signedIn(admin).mutate('machines.launch', { name: 'One' })
  expect(answer.status).toBe(200)
  expect(getMachine(db, admin.id, dataOf<{ id: string }>(answer).id)?.status).toBe('queued')
  expect(JSON.parse((await signedIn(admin).get('/readyz')).text).missing).toContain('redis')
})

describe('on a runtime that isolates nothing', () => {
  it('only administrators launch and relaunch', async () => {
    const { member, signedIn, db, jobs, runMachine } = await startSite()
    const browser = signedIn(member)
    const id = runMachine(member)
    for (const [procedure, input] of [
      ['machines.launch', { name: 'One' }],
      ['machines.relaunch', { id }],
    ] as const) {
      const answer = await browser.mutate(procedure, input)
      expect(answer.status).toBe(403)
      expect(refusalOf(answer).message).toContain('ALLOW_UNISOLATED=1')
    }
    expect((await browser.submit('/machines?index', { intent: 'launch' })).text).toContain(
      'only administrators',
    )
    expect(listMachines(db, member.id).map((machine) => machine.id)).toEqual([id])
    expect(jobs).toEqual([])
  })

  it('a member is told so instead of being offered the button', async () => {
    const { member, signedIn } = await startSite()
    const { text } = await signedIn(member).get('/machines')
    expect(text).toContain('only administrators may launch')
    expect(text).not.toContain('value="launch"')
  })

  it('members launch too once the operator allows it', async () => {
    const { member, signedIn, db } = await startSite({ env: { ALLOW_UNISOLATED: '1' } })
    expect((await signedIn(member).mutate('machines.launch', {})).status).toBe(200)
    expect(listMachines(db, member.id)).toHaveLength(1)
  })
})

it('on a runtime that isolates machines, members launch as well', async () => {
  const { member, signedIn, db } = await startSite({ env: { RUNTIME: 'docker' } })
  const browser = signedIn(member)
  expect((await browser.mutate('machines.launch', { name: 'One' })).status).toBe(200)
  expect(listMachines(db, member.id)).toHaveLength(1)
})

it('stopping asks the workers, and relaunching answers the machine that takes over', async () => {
  const { admin, signedIn, db, jobs, runMachine } = await startSite()
  const browser = signedIn(admin)
  const [first, second] = [runMachine(admin), runMachine(admin)]
  await browser.submit(`/machines/${first}`, { intent: 'stop' })
  expect(getMachine(db, admin.id, first)?.status).toBe('stopping')
  const answer = await browser.submit(`/machines/${second}`, { intent: 'relaunch' })
  const successor = String(answer.headers.location).split('/').at(-1) as string
  expect(getMachine(db, admin.id, successor)?.status).toBe('queued')
  expect(jobs).toEqual([
    { job: 'stop', machineId: first, attempt: 1 },
    { job: 'stop', machineId: second, attempt: 1 },
  ])
})

it('two relaunches at once make one machine', async () => {
  const { admin, signedIn, db, runMachine } = await startSite()
  const browser = signedIn(admin)
  const id = runMachine(admin)
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => browser.mutate('machines.relaunch', { id })),
  )
  expect(new Set(answers.map((answer) => dataOf<{ id: string }>(answer).id)).size).toBe(1)
  expect(listMachines(db, admin.id)).toHaveLength(2)
})

describe('an administrator’s retry', () => {
  it('shows who, which attempt, the class, the sentence and the detail', async () => {
    const { admin, member, signedIn, failMachine } = await startSite()
    failMachine(member, { name: 'Studio', detail: 'exit code 3' })
    const { text } = await signedIn(admin).get('/admin/failed-launches')
    for (const part of [
      'Studio',
      member.name,
      'attempt <!-- -->1',
      'No answer in time',
      'It did not answer in time.',
      'exit code 3',
    ])
      expect(text).toContain(part)
  })

  it('makes one new attempt, however many clicks', async () => {
    const { admin, signedIn, failMachine, jobs, db } = await startSite()
    const browser = signedIn(admin)
    const id = failMachine(admin)
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => browser.mutate('admin.retryLaunch', { id })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(409)])
    expect(jobs).toEqual([{ job: 'launch', machineId: id, attempt: 2 }])
    expect(getMachine(db, admin.id, id)).toMatchObject({ status: 'queued', attempt: 2 })
  })

  it('is refused for what hasn’t failed, and for what isn’t there', async () => {
    const { admin, signedIn, runMachine, jobs } = await startSite()
    const browser = signedIn(admin)
    const running = await browser.mutate('admin.retryLaunch', { id: runMachine(admin) })
    expect([running.status, refusalOf(running).message]).toEqual([
      409,
      'Only a failed launch can be retried; this machine is running.',
    ])
    expect((await browser.mutate('admin.retryLaunch', { id: 'a'.repeat(16) })).status).toBe(404)
    expect(jobs).toEqual([])
  })
})

it('a machine says that the saved token has changed, was cleared, or came later', async () => {
  const { admin, signedIn, runMachine } = await startSite()
  const browser = signedIn(admin)
  const save = (provider: string, token: string) => browser.mutate('providerTokens.save', { provider, token })
  await save('huggingface', 'hf_CANARYone')
  const id = runMachine(admin)
  const page = async () => (await browser.get(`/machines/${id}`)).text
  const badge = /Your saved [^<]+ since this launch/
  expect(await page()).not.toMatch(badge)
  await save('huggingface', 'hf_CANARYtwo')
  expect(badge.exec(await page())?.[0]).toBe('Your saved Hugging Face token has changed since this launch')
  await save('huggingface', 'hf_CANARYone')
  expect(await page()).not.toMatch(badge)
  await browser.mutate('providerTokens.clear', { provider: 'huggingface' })
  await save('civitai', 'CANARYthree')
  expect(badge.exec(await page())?.[0]).toBe(
    'Your saved Hugging Face token has changed since this launch. You saved a Civitai token since this launch',
  )
})
