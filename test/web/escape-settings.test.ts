import { describe, expect, test } from 'vitest'
import { listMachines } from '~/db/machines'
import { inputFor, PROCEDURES } from './procedures'
import { startSite } from './site'
import { refusalOf } from './visitor'

/** What an Engine would take, and some names that other systems have for it. */
const ESCAPES = {
  privileged: true,
  Privileged: true,
  HostConfig: { Privileged: true },
  binds: ['/:/host'],
  Mounts: [{ Type: 'bind', Source: '/', Target: '/host' }],
  volumes: ['/var/run/docker.sock:/var/run/docker.sock'],
  network: 'host',
  NetworkMode: 'host',
  pidMode: 'host',
  capAdd: ['SYS_ADMIN'],
  devices: ['/dev/sda'],
  securityOpt: ['seccomp=unconfined'],
  image: 'evil',
  command: 'sh',
  env: { LD_PRELOAD: '/x.so' },
  user: 'root',
}

/** Whatever ends in a launch. */
const LAUNCHES = PROCEDURES.filter(({ name }) => /launch|retry/i.test(name) && !/failedLaunches/.test(name))

describe('fault 99: a launch that asks for a way out of its container is refused', () => {
  test('every procedure that launches is looked at', () => {
    expect(LAUNCHES.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'machines.launch',
        'machines.relaunch',
        'admin.retryLaunch',
        'providerTokens.relaunchHolders',
      ]),
    )
  })

  test.each(LAUNCHES)('$name', async ({ name, type }) => {
    const { admin, db, jobs, signedIn, failMachine } = await startSite()
    const machineId = failMachine(admin)
    const before = listMachines(db, admin.id)
    for (const [field, value] of Object.entries(ESCAPES)) {
      const input = { ...(inputFor(name, machineId) as object), [field]: value }
      const answer = await signedIn(admin).call(name, type, input)
      expect([field, answer.status, refusalOf(answer).message]).toEqual([
        field,
        400,
        `${field}: can't be chosen here; leave it out`,
      ])
    }
    expect(listMachines(db, admin.id)).toEqual(before)
    expect(jobs).toEqual([])
  })

  test('a field whose name may be a secret is not named', async () => {
    const { admin, signedIn } = await startSite()
    const answer = await signedIn(admin).mutate('machines.launch', { hf_CANARY0123456789: true })
    expect([answer.status, answer.text]).toEqual([400, expect.not.stringContaining('CANARY')])
  })
})
