import { expect, test } from 'vitest'
import { addMachineEvent, listMachineEvents } from '~/db/machine-events'
import { queueMachine } from '~/db/machine-requests'
import { findMachine } from '~/db/machine-states'
import { immediately, joining, openDb } from '~/db/open'
import { createUser } from '~/db/users'
import { testInstallation } from '../support/installation'

function withMachine() {
  const { db, dataDir } = testInstallation()
  const { id: userId } = createUser(db, { name: 'Someone', role: 'member' }, Date.now)
  const given = { userId, kind: 'comfyui', name: 'One', workspaceId: 'one', queuedAt: 1 } as const
  const { machineId } = immediately(db, (tx) => queueMachine(tx, given, 1))
  const lines = (of = db) => listMachineEvents(of, machineId).map(({ text }) => text)
  return { db, dataDir, machineId, lines }
}

test('what is prepared takes part in the transaction that is under way, also in one within it', () => {
  const { db, dataDir, machineId, lines } = withMachine()
  const elsewhere = openDb(`${dataDir}/slipway.db`)
  const before = lines()
  const fail = () =>
    immediately(db, (tx) => {
      addMachineEvent(tx, machineId, 'taken back', 2)
      immediately(tx, (inner) => addMachineEvent(inner, machineId, 'taken back too', 3))
      expect(lines()).toEqual([...before, 'taken back', 'taken back too'])
      expect(lines(elsewhere)).toEqual(before)
      throw new Error('no')
    })
  expect(fail).toThrow('no')
  expect(lines()).toEqual(before)
  elsewhere.$client.close()
})

test('one within another takes back nothing but itself; one that joins, all', () => {
  const { db, machineId, lines } = withMachine()
  const before = lines()
  const failing = (run: typeof immediately) => () =>
    immediately(db, (tx) => {
      addMachineEvent(tx, machineId, 'before', 2)
      const inner = () =>
        run(tx, (at) => {
          addMachineEvent(at, machineId, 'within', 3)
          throw new Error('no')
        })
      if (run === joining) return inner()
      expect(inner).toThrow('no')
    })
  failing(immediately)()
  expect(lines()).toEqual([...before, 'before'])
  expect(failing(joining)).toThrow('no')
  expect(lines()).toEqual([...before, 'before'])
  expect(() =>
    joining(db, (tx) => {
      addMachineEvent(tx, machineId, 'alone', 4)
      throw new Error('no')
    }),
  ).toThrow('no')
  expect(lines()).toEqual([...before, 'before'])
})

test('each connection has its own', () => {
  const one = withMachine()
  const other = withMachine()
  const { machineId } = one
  expect(findMachine(one.db, machineId)?.name).toBe('One')
  expect(findMachine(other.db, machineId)).toBeUndefined()
  immediately(other.db, (tx) => expect(findMachine(tx, machineId)).toBeUndefined())
})
