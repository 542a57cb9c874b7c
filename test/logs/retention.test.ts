import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { newId } from '~/db/ids'
import { launchMachine, stopMachine } from '~/db/machine-requests'
import { logFolder, removeLogs } from '~/log-files'
import { boundedLog } from '~/worker/logs/bounded-log'
import { logRetention } from '~/worker/logs/retention'
import { SOMEBODY } from '../support/actors'
import { testInstallation } from '../support/installation'

const DAY_MS = 24 * 60 * 60 * 1000

function keeping() {
  const system = testInstallation()
  const { dataDir, db, clock, member } = system
  const log = (machineId: string) => {
    boundedLog({ folder: logFolder(dataDir, machineId), service: 'comfyui', attempt: 1 }, 1e6).write(
      Buffer.from('Hello\n'),
    )
    return machineId
  }
  /** A machine that waits to be launched. */
  const live = () =>
    log(launchMachine(db, { userId: member.id, kind: 'comfyui', name: 'One' }, SOMEBODY, clock).machineId)
  return {
    ...system,
    log,
    live,
    ended: () => {
      const id = live()
      stopMachine(db, member.id, id, SOMEBODY, clock)
      return id
    },
    pass: logRetention(db, clock, { dataDir, days: 30 }),
    left: () => readdirSync(join(dataDir, 'logs')).sort(),
  }
}

describe('logs', () => {
  test('are kept while their machine lives, and for so many days after it has ended', async () => {
    const { live, ended, pass, clock, left } = keeping()
    const living = live()
    const long = ended()
    clock.advance(20 * DAY_MS)
    const lately = ended()
    await pass()
    expect(left()).toEqual([living, long, lately].sort())
    clock.advance(10 * DAY_MS + 1)
    await pass()
    expect(left()).toEqual([living, lately].sort())
  })

  test('of a machine that is no more are removed', async () => {
    const { log, live, pass, left } = keeping()
    log(newId())
    const known = live()
    await pass()
    expect(left()).toEqual([known])
  })

  test('are removed by some at a time, until all are', async () => {
    const { log, pass, left } = keeping()
    for (let n = 0; n < 120; n++) log(newId())
    await pass()
    expect(left()).toHaveLength(70)
    await pass()
    await pass()
    expect(left()).toEqual([])
  })

  test('are all that is removed: what else lies there stays', async () => {
    const { dataDir, log, pass, left } = keeping()
    log(newId())
    writeFileSync(join(dataDir, 'logs/follower.lock'), '')
    mkdirSync(join(dataDir, 'logs/of the operator'))
    await pass()
    expect(left()).toEqual(['follower.lock', 'of the operator'])
  })

  test('of one machine can be removed, also when there are none', async () => {
    const { dataDir, ended, live } = keeping()
    const [one, other] = [ended(), live()]
    await removeLogs(dataDir, one)
    await removeLogs(dataDir, one)
    expect(existsSync(logFolder(dataDir, one))).toBe(false)
    expect(existsSync(logFolder(dataDir, other))).toBe(true)
  })
})
