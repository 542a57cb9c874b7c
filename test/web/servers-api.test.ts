import { eq } from 'drizzle-orm'
import { describe, expect, it, test } from 'vitest'
import { claimSave, markSaved } from '~/db/cloud-save-work'
import { createCloudSave } from '~/db/cloud-saves'
import { findMachine } from '~/db/machine-states'
import { listMachines } from '~/db/machines'
import { cloudSaves, type MachineStatus, machines } from '~/db/schema'
import { chooseUsername, type User } from '~/db/users'
import { SOMEBODY } from '../support/actors'
import { raw } from './raw'
import { type Site, startSite } from './site'
import type { Answer } from './visitor'

const bodyOf = ({ text }: Answer) => JSON.parse(text)

/** A site, and a script of the administrator's that was pointed at it. */
async function siteWithScript({ env = {}, scopes = ['write'] } = {}) {
  const site = await startSite({ env })
  const { admin } = site
  const { visitor, token } = site.withApiToken(admin, scopes)
  const servers = `/prod/api/users/${admin.id}/servers`
  const post = (body?: unknown, headers: Record<string, string> = {}) =>
    visitor.ask(servers, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body),
    })
  const get = (id = '') => visitor.get(id ? `${servers}/${id}` : servers)
  const remove = (id: string) => visitor.ask(`${servers}/${id}`, { method: 'DELETE' })
  return { ...site, script: visitor, token, servers, post, get, remove }
}

/** A save that a worker has finished. */
function savedOf({ db, clock, runMachine }: Site, user: User, kind: 'comfyui' | 'trainer' = 'comfyui') {
  const machineId = runMachine(user, { kind })
  const { id } = createCloudSave(db, { userId: user.id, machineId, name: 'First' }, SOMEBODY, clock)
  const claimed = claimSave(db, id, { leaseMs: 1000, clock })
  if (!claimed) throw new Error('The save could not be claimed.')
  const archive = { bytes: 12, sha256: 'ab'.repeat(32), bytesTotal: 34, notes: '' }
  markSaved(db, claimed.claim, archive, clock)
  return id
}

describe('creating a server', () => {
  it('answers it at once with 200, and queues a machine of that size, from that save, for that long', async () => {
    const site = await siteWithScript({ env: { SESSION_HOURS: '8' } })
    const { admin, post, db, jobs } = site
    const save = savedOf(site, admin)
    const answer = await post({
      workflow_version_id: save,
      server_type: 'standard',
      estimated_duration: 3600,
      not_known_here: true,
    })
    const server = bodyOf(answer)
    expect([answer.status, answer.headers['content-type'], server]).toEqual([
      200,
      expect.stringMatching(/^application\/json\b/),
      {
        server_id: expect.any(String),
        user_id: admin.id,
        server_type: 'standard',
        current_status: 'Pending',
        estimated_duration: 3600,
      },
    ])
    expect(findMachine(db, server.server_id)).toMatchObject({
      userId: admin.id,
      kind: 'comfyui',
      status: 'queued',
      saveId: save,
      size: 'standard',
      sessionMs: 3_600_000,
    })
    expect(jobs).toEqual([{ job: 'launch', machineId: server.server_id, attempt: 1 }])
  })

  test.each([undefined, {}, { workflow_version_id: '', server_type: null, estimated_duration: null }])(
    'takes %j for the first size, an empty workspace and everybody’s session',
    async (body) => {
      const { post, db } = await siteWithScript({ env: { SESSION_HOURS: '8' } })
      const server = bodyOf(await post(body))
      expect(server).toMatchObject({ server_type: 'standard', estimated_duration: 8 * 3600 })
      expect(findMachine(db, server.server_id)).toMatchObject({ saveId: null, sessionMs: null })
    },
  )

  it('says that the session is everybody’s where more was asked for, and null where there is no end', async () => {
    const limited = await siteWithScript({ env: { SESSION_HOURS: '1' } })
    expect(bodyOf(await limited.post({ estimated_duration: 86_400 })).estimated_duration).toBe(3600)
    const { post } = await siteWithScript()
    expect(bodyOf(await post()).estimated_duration).toBeNull()
  })

  test.each([
    ['[]', 'Send a JSON object, or no body at all.'],
    ['{', 'Send a JSON object, or no body at all.'],
    [
      '{"server_type":"2xl-turbo"}',
      'The size “2xl-turbo” is not offered to you here. Choose one of standard.',
    ],
    ['{"server_type":"__proto__"}', 'Choose one of standard.'],
    ['{"server_type":1}', 'server_type: must be text'],
    ['{"workflow_version_id":7}', 'workflow_version_id: must be text'],
    [
      '{"estimated_duration":59}',
      'estimated_duration: must be a whole number of seconds, from 60 to 2678400',
    ],
    ['{"estimated_duration":2678401}', 'estimated_duration: must be'],
    ['{"estimated_duration":90.5}', 'estimated_duration: must be'],
    ['{"estimated_duration":"3600"}', 'estimated_duration: must be'],
  ])('refuses %s as JSON, and launches nothing', async (body, sentence) => {
    const { post, db, admin } = await siteWithScript()
    const answer = await post(body)
    expect([answer.status, bodyOf(answer)]).toEqual([400, { error: expect.stringContaining(sentence) }])
    expect(listMachines(db, admin.id)).toEqual([])
  })

  it('starts from no save of another user, and from none of a trainer', async () => {
    const site = await siteWithScript({ env: { ALLOW_UNISOLATED: '1', TRAINER_COMMAND: 'train' } })
    const { post, admin, member } = site
    const foreign = await post({ workflow_version_id: savedOf(site, member) })
    const none = await post({ workflow_version_id: 'none' })
    expect([foreign.status, foreign.text]).toEqual([404, none.text])
    const ofTrainer = await post({ workflow_version_id: savedOf(site, admin, 'trainer') })
    expect([ofTrainer.status, bodyOf(ofTrainer).error]).toEqual([
      400,
      expect.stringContaining('Choose a save of another machine'),
    ])
  })

  it('makes one server of one Idempotency-Key, and says what is wrong with a key', async () => {
    const { post, db, admin } = await siteWithScript()
    const keyed = () => post({}, { 'idempotency-key': 'night-shift-1' })
    const answers = await Promise.all([keyed(), keyed(), keyed()])
    expect(new Set(answers.map((answer) => bodyOf(answer).server_id)).size).toBe(1)
    expect(listMachines(db, admin.id)).toHaveLength(1)
    const refused = await post({}, { 'idempotency-key': 'x'.repeat(101) })
    expect([refused.status, bodyOf(refused)]).toEqual([
      400,
      { error: 'idempotencyKey: has more than 100 characters' },
    ])
  })

  it('is refused with 429 and as JSON at the limit of machines', async () => {
    const { post } = await siteWithScript({ env: { MACHINES_PER_USER: '1' } })
    expect((await post()).status).toBe(200)
    const refused = await post()
    expect([refused.status, bodyOf(refused)]).toEqual([429, { error: expect.any(String) }])
  })
})

describe('looking at servers', () => {
  it('shows a ready one with its address, since when, and until when', async () => {
    const { admin, runMachine, get, clock, db, serviceUrl } = await siteWithScript()
    const id = runMachine(admin, { service: 'comfyui' })
    db.update(machines)
      .set({ endsAt: clock() + 60_000 })
      .where(eq(machines.id, id))
      .run()
    const server = {
      server_id: id,
      user_id: admin.id,
      server_type: 'standard',
      current_status: 'Ready',
      estimated_duration: null,
      main_service_url: serviceUrl(id, 'comfyui'),
      service_ready_at: new Date(clock()).toISOString(),
      estimated_stopping_at: new Date(clock() + 60_000).toISOString(),
    }
    expect(bodyOf(await get(id))).toEqual(server)
    expect(bodyOf(await get())).toEqual([server])
  })

  test.each([
    ['queued', 'Pending'],
    ['starting', 'Starting'],
    ['stopping', 'Stopping'],
  ] as const)('one that is %s is %s and has no address', async (status, current_status) => {
    const { admin, runMachine, get, db } = await siteWithScript()
    const id = runMachine(admin, { service: 'comfyui' })
    become(db, id, status)
    const server = bodyOf(await get(id))
    expect(server.current_status).toBe(current_status)
    expect(server).not.toHaveProperty('main_service_url')
    expect(server).not.toHaveProperty('service_ready_at')
  })

  it('one that failed is Error, with what happened and the cure', async () => {
    const { admin, failMachine, get } = await siteWithScript()
    const [server] = bodyOf(await get())
    expect(server).toBeUndefined()
    const id = failMachine(admin, { detail: 'for administrators' })
    expect(bodyOf(await get())).toEqual([bodyOf(await get(id))])
    expect(bodyOf(await get(id))).toMatchObject({
      current_status: 'Error',
      error: expect.stringMatching(/^It did not answer in time\. \S.*\.$/),
    })
    expect((await get(id)).text).not.toContain('for administrators')
  })

  it('a stopped one and a trainer are not there', async () => {
    const { admin, runMachine, get, remove, db, jobs } = await siteWithScript()
    const stopped = runMachine(admin)
    become(db, stopped, 'stopped')
    const trainer = runMachine(admin, { kind: 'trainer' })
    expect(bodyOf(await get())).toEqual([])
    const answer = await get(stopped)
    expect([answer.status, bodyOf(answer).error]).toEqual([404, expect.stringContaining('has stopped')])
    const none = await get('none')
    expect(bodyOf(none)).toEqual({ error: 'There is no such machine.' })
    for (const id of [stopped, trainer, 'none'])
      expect([(await get(id)).status, (await remove(id)).status]).toEqual([404, 404])
    expect(findMachine(db, trainer)?.status).toBe('running')
    expect(jobs).toEqual([])
  })
})

describe('deleting a server', () => {
  it('stops it, answers that with 200, and keeps its files', async () => {
    const { admin, runMachine, remove, get, db, jobs } = await siteWithScript()
    const id = runMachine(admin)
    const answer = await remove(id)
    expect([answer.status, bodyOf(answer).current_status]).toEqual([200, 'Stopping'])
    expect(findMachine(db, id)).toMatchObject({ status: 'stopping', deletedAt: null })
    expect(jobs).toEqual([{ job: 'stop', machineId: id, attempt: 1 }])
    expect(bodyOf(await remove(id)).current_status).toBe('Stopping')
    expect(bodyOf(await get(id)).current_status).toBe('Stopping')
  })

  it('one that only waited is gone at once', async () => {
    const { post, remove, get } = await siteWithScript()
    const { server_id } = bodyOf(await post())
    const answer = await remove(server_id)
    expect([answer.status, bodyOf(answer).current_status]).toEqual([200, 'Deleting'])
    expect((await get(server_id)).status).toBe(404)
  })

  it('works without a body and a length, as clients send it', async () => {
    const { admin, runMachine, servers, token, port } = await siteWithScript()
    const answer = await raw(
      port,
      `DELETE ${servers}/${runMachine(admin)} HTTP/1.1\r\nHost: slipway.test:3000\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n/)
    expect(answer).toContain('"current_status":"Stopping"')
  })
})

it('what isn’t there is said as JSON too', async () => {
  const { script, servers } = await siteWithScript()
  for (const path of ['/prod/api', '/prod/api/users', `${servers}/x/y`, '/PROD/api/x'])
    for (const method of ['GET', 'POST'] as const) {
      const answer = await script.ask(path, { method })
      expect([path, answer.status, bodyOf(answer)]).toEqual([path, 404, { error: expect.any(String) }])
    }
})

it('workflows are the cloud saves that a server can begin with', async () => {
  const site = await siteWithScript()
  const { admin, script, clock, db, runMachine } = site
  const created = new Date(clock()).toISOString()
  const id = savedOf(site, admin)
  savedOf(site, admin, 'trainer')
  const { id: unfinished } = createCloudSave(
    db,
    { userId: admin.id, machineId: runMachine(admin) },
    SOMEBODY,
    clock,
  )
  expect(db.select().from(cloudSaves).where(eq(cloudSaves.id, unfinished)).get()?.status).toBe('queued')
  const answer = await script.get(`/prod/api/users/${admin.id}/workflows`)
  expect([answer.status, bodyOf(answer)]).toEqual([
    200,
    [{ workflow_id: id, workflow_name: 'First', version_id: id, created_at: created, updated_at: created }],
  ])
})

describe('who may ask', () => {
  const CALLS = [
    ['GET', '/servers'],
    ['POST', '/servers'],
    ['GET', '/servers/:id'],
    ['DELETE', '/servers/:id'],
    ['GET', '/workflows'],
  ] as const

  test.each(CALLS)(
    '%s %s: the very user alone, by token, and as far as its scopes go',
    async (method, path) => {
      const site = await siteWithScript({ env: { ALLOW_UNISOLATED: '1' } })
      const { admin, member, db, withApiToken, signedIn, visitor, runMachine, jobs } = site
      const machineId = runMachine(admin)
      const target = (user: string) => `/prod/api/users/${user}${path.replace(':id', machineId)}`
      const ask = async (who: ReturnType<typeof visitor>, user = admin.id) => {
        const answer = await who.ask(target(user), { method })
        expect(answer.headers['content-type']).toMatch(/^application\/json\b/)
        return [answer.status, bodyOf(answer).error]
      }
      const noUser = [404, expect.stringContaining('no such user')]
      const theirs = withApiToken(member, ['write']).visitor
      const ours = withApiToken(admin, ['write']).visitor
      expect(await ask(theirs)).toEqual(noUser)
      for (const user of ['__proto__', 'null', 'undefined', 'ada'])
        expect(await ask(ours, user)).toEqual(noUser)
      // A browser says where it comes from, and its session is still no token.
      expect(await ask(signedIn(admin))).toEqual([401, expect.stringContaining('Send an API token')])
      expect(await ask(visitor(undefined, 'Bearer slipway_api_wrong'))).toEqual([401, expect.any(String)])
      const read = withApiToken(admin, ['machines:read']).visitor
      const other = withApiToken(admin, ['models:write']).visitor
      const lacks = [403, expect.stringContaining('lacks the scope machines:')]
      expect(await ask(other)).toEqual(lacks)
      if (method !== 'GET') expect(await ask(read)).toEqual(lacks)
      if (path.includes(':id')) {
        const foreign = await theirs.ask(`/prod/api/users/${member.id}/servers/${machineId}`, { method })
        expect([foreign.status, bodyOf(foreign)]).toEqual([404, { error: 'There is no such machine.' }])
      }
      expect(jobs).toEqual([])
      expect(findMachine(db, machineId)?.status).toBe('running')
      chooseUsername(db, admin.id, 'ada', SOMEBODY, Date.now)
      expect((await ask(ours, 'ada'))[0]).toBe(200)
    },
  )

  it('a page of another site reaches nothing with the session of whoever looks at it', async () => {
    const { admin, servers, signedIn, db } = await siteWithScript()
    for (const origin of [undefined, 'http://evil.test']) {
      const answer = await signedIn(admin).ask(servers, { method: 'POST', headers: { origin } })
      expect([answer.status, bodyOf(answer).error]).toEqual([401, expect.stringContaining('API token')])
    }
    expect(listMachines(db, admin.id)).toEqual([])
  })

  it('other methods are told which there are', async () => {
    const { script, servers, admin } = await siteWithScript()
    const ask = async (path: string, method: 'PUT' | 'PATCH' | 'POST') => {
      const { status, headers } = await script.ask(path, { method, body: '{}' })
      return [status, headers.allow]
    }
    expect(await ask(servers, 'PUT')).toEqual([405, 'GET, POST'])
    expect(await ask(`${servers}/one`, 'PATCH')).toEqual([405, 'GET, DELETE'])
    expect(await ask(`/prod/api/users/${admin.id}/workflows`, 'POST')).toEqual([405, 'GET'])
  })
})

const become = (db: Site['db'], id: string, status: MachineStatus) =>
  db.update(machines).set({ status }).where(eq(machines.id, id)).run()
