import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { Db } from '~/db/open'
import { seeded } from '../chaos/random'
import { bundled } from '../support/bundle'
import { testInstallation } from '../support/installation'
import { race } from '../support/race'
import { startProgram } from '../support/start-program'
import { until } from '../support/until'

test('fault 41: processes that read and then write at the same moment all get through, one after the other', async () => {
  const { db, dataDir } = testInstallation()
  db.run(sql`create table counter (n integer)`)
  db.run(sql`insert into counter values (0)`)
  expect(await race<number>(dataDir, 'count')).toEqual(Array(4).fill({ result: 200 }))
  expect(db.get(sql`select n from counter`)).toEqual({ n: 800 })
})

const KILLS = 50
const AT_ONCE = 5

test('fault 43: killed in 50 random transactions, the web leaves each whole or not there at all', {
  timeout: 120_000,
}, async () => {
  const { db, dataDir, admin } = testInstallation()
  const program = await bundled('test/support/writing-process.ts')
  const random = seeded(43)
  const killOne = async () => {
    const writer = await startProgram(program, {
      env: {
        PATH: process.env.PATH,
        WRITER: JSON.stringify({ dataDir, userId: admin.id, seed: random.between(0, 1e6) }),
      },
      readyLine: /^wrote$/,
    })
    const before = writer.output.length
    await until('it writes', () => writer.output.length > before)
    await pause(random.between(0, 40))
    writer.signal('SIGKILL')
    expect(await writer.ended).toBe('SIGKILL')
  }
  for (let killed = 0; killed < KILLS; killed += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, killOne))
    expect(halves(db)).toEqual([])
  }
  expect(db.get<{ n: number }>(sql`select count(*) n from machines`)?.n).toBeGreaterThan(KILLS)
})

/** What is there without something that is written in the same transaction. */
function halves(db: Db): unknown[] {
  return [
    ...(db.$client.pragma('integrity_check') as { integrity_check: string }[]).filter(
      ({ integrity_check }) => integrity_check !== 'ok',
    ),
    ...(db.$client.pragma('foreign_key_check') as unknown[]),
    ...db.all(sql`select id, 'no attempt' flaw from machines where not exists
      (select 1 from launch_attempts a where a.machine_id = machines.id and a.attempt = machines.attempt)`),
    ...db.all(sql`select id, 'no event' flaw from machines where not exists
      (select 1 from machine_events e where e.machine_id = machines.id and e.text = 'Queued')`),
    ...db.all(sql`select id, 'stopped without a word' flaw from machines where status = 'stopped' and not exists
      (select 1 from machine_events e where e.machine_id = machines.id and e.text = 'Stopped')`),
    ...db.all(sql`select id, 'replaced by nothing' flaw from machines where replaced_by is not null and
      not exists (select 1 from machines m where m.id = machines.replaced_by)`),
    ...db.all(sql`select abs(
      (select count(*) from machines) - (select count(*) from audit_entries
        where action in ('machine_launched', 'machine_relaunched'))) off where off > 0`),
  ]
}
