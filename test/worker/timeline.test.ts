import Database from 'better-sqlite3'
import { eq } from 'drizzle-orm'
import { expect, test, vi } from 'vitest'
import { launchView } from '~/app/trpc/launch-view'
import { launchMachine } from '~/db/machine-requests'
import { getMachine } from '~/db/machines'
import { machines } from '~/db/schema'
import { timeline } from '~/worker/timeline'
import { SOMEBODY } from '../support/actors'
import { testInstallation } from '../support/installation'
import { recordingLogger } from '../support/logger'

function system() {
  const { db, member, clock } = testInstallation()
  const { logger, lines } = recordingLogger()
  const { machineId } = launchMachine(
    db,
    { userId: member.id, kind: 'comfyui', name: 'One' },
    SOMEBODY,
    clock,
  )
  const written = () => getMachine(db, member.id, machineId)?.events.map(({ text }) => text)
  return { db, machineId, lines, written, events: timeline({ db, clock, logger }, machineId) }
}

test('lines of a machine that is gone, or with the database closed, are left out and logged, and throw nothing', () => {
  for (const end of ['gone', 'closed']) {
    const { db, machineId, lines, events } = system()
    events.report('It answers')
    if (end === 'gone') {
      db.$client.pragma('foreign_keys = OFF')
      db.delete(machines).where(eq(machines.id, machineId)).run()
      db.$client.pragma('foreign_keys = ON')
    } else db.$client.close()
    expect(events.flush).not.toThrow()
    expect(lines.join('')).toContain('lines of a timeline could not be written')
    events.end()
  }
})

test('lines that could not be written while another process wrote are written later', async () => {
  const { db, written, events } = system()
  const other = new Database(db.$client.name)
  db.$client.pragma('busy_timeout = 0')
  other.exec('BEGIN IMMEDIATE')
  events.report('It answers')
  events.flush()
  await expect(events.writeWith(() => Promise.reject(new Error('busy')))).rejects.toThrow('busy')
  expect(written()).toEqual(['Queued'])
  other.exec('COMMIT')
  other.close()
  events.flush()
  expect(written()).toEqual(['Queued', 'It answers'])
  events.end()
})

test('what is reported after the launch has ended is not written', () => {
  vi.useFakeTimers()
  try {
    const { written, events } = system()
    events.end()
    events.report('It answers')
    vi.runAllTimers()
    events.flush()
    expect(written()).toEqual(['Queued'])
  } finally {
    vi.useRealTimers()
  }
})

test('a machine that ran shows every stage as done, also when lines of its launch were lost', () => {
  const reached = new Map([
    ...([
      ['queued', 1],
      ['starting', 2],
      ['tokens', 3],
    ] as const),
    ...([
      ['restoring', 4],
      ['running', 9],
    ] as const),
  ])
  const launch = { askedAt: 1, endedAt: 9, reached }
  const policy = { hasComfyui: true, hasTrainer: false }
  for (const status of ['running', 'failed', 'stopped'] as const) {
    const view = launchView({ kind: 'comfyui', status, tokens: [], events: [], launch }, policy, 20)
    expect(view?.stages.map(({ state }) => state)).toEqual(view?.stages.map(() => 'done'))
    expect(view?.stages.map(({ service }) => service)).toContain('comfyui')
  }
})
