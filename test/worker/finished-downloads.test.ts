import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { usageView } from '~/app/trpc/usage-view'
import { deleteOldDownloads, noteDownloads } from '~/db/downloads'
import { claimLaunch } from '~/db/machine-claims'
import { markRunning } from '~/db/machine-outcomes'
import { launchMachine } from '~/db/machine-requests'
import { downloads } from '~/db/schema'
import { finishedDownloads } from '~/worker/finished-downloads'
import { SOMEBODY } from '../support/actors'
import { testInstallation } from '../support/installation'
import { recordingLogger } from '../support/logger'
import { startUpstream } from '../web/upstream'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const TOKEN = `hf_CANARY${'x'.repeat(25)}`

/** A running machine whose file manager says what the test wants it to. */
async function system() {
  const { db, member, clock } = testInstallation()
  let said: unknown = []
  const manager = await startUpstream((_request, response) => response.end(JSON.stringify(said)))
  const ref = launchMachine(db, { userId: member.id, kind: 'comfyui', name: 'One' }, SOMEBODY, clock)
  const claimed = claimLaunch(db, ref, { leaseMs: 1000, clock })
  if (claimed) markRunning(db, claimed.claim, [{ name: 'filebrowser', address: manager.address }], clock)
  const { logger, lines } = recordingLogger()
  const begin = () => finishedDownloads({ db, clock, logger }, new AbortController().signal)
  const look = begin()
  const says = async (answer: unknown) => {
    said = answer
    clock.advance(MINUTE)
    await look()
  }
  const download = (given: object = {}) => ({
    ...{ id: randomUUID(), state: 'done', name: 'a.safetensors', received: 9 },
    ...{ source: 'https://huggingface.co/o/m/resolve/main/a.safetensors' },
    ...{ finishedAt: new Date(clock()).toISOString(), ...given },
  })
  const rows = () => db.select().from(downloads).all()
  return { db, member, clock, lines, ref, manager, begin, look, says, download, rows }
}

test('a finished download is written down once, however often it is listed and by however many workers', async () => {
  const { member, clock, ref, manager, begin, look, says, download, rows } = await system()
  const at = clock()
  const one = download()
  await says([one])
  await look()
  await says([one, download({ name: 'b.safetensors' })])
  await begin()()
  expect(rows().map(({ name }) => name)).toEqual(['a.safetensors', 'b.safetensors'])
  expect(rows()[0]).toEqual({
    ...{ id: one.id, userId: member.id, machineId: ref.machineId, at },
    ...{ bytes: 9, host: 'huggingface.co', name: 'a.safetensors' },
  })
  // No more than once a minute, and then what is new alone.
  expect(manager.requests.map(({ url }) => url)).toEqual([
    '/api/downloads?state=done&limit=500',
    `/api/downloads?state=done&limit=500&finishedSince=${one.finishedAt}`,
    '/api/downloads?state=done&limit=500',
  ])
})

test('what a machine makes up is not believed, and nothing that a token may be in is kept', async () => {
  const { clock, says, download, rows } = await system()
  for (const answer of ['no list', { downloads: [] }, [null, 7, download({ state: 'failed' })]])
    await says(answer)
  await says([
    download({ id: '../x' }),
    download({ received: -1 }),
    download({ received: 2 ** 45 + 1 }),
    download({ source: 'no address' }),
    download({ finishedAt: null }),
  ])
  expect(rows()).toEqual([])
  await says([
    download({ source: `https://user:${TOKEN}@models.example:8443/${TOKEN}?token=${TOKEN}`, name: TOKEN }),
    download({ name: `folder/b.bin?token=${TOKEN}`, finishedAt: '2999-01-01T00:00:00.000Z' }),
  ])
  expect(JSON.stringify(rows())).not.toContain('CANARY')
  expect(rows().map(({ host, name, at }) => [host, name, at <= clock()])).toEqual([
    ['models.example:8443', '', true],
    ['huggingface.co', 'b.bin', true],
  ])
})

test('downloads are kept for 400 days, and older ones are not written down again', async () => {
  const { db, clock, says, download, rows } = await system()
  const one = download()
  await says([one])
  clock.advance(400 * DAY - 2 * MINUTE)
  deleteOldDownloads(db, clock)
  expect(rows()).toHaveLength(1)
  clock.advance(2 * MINUTE)
  deleteOldDownloads(db, clock)
  await says([one])
  expect(rows()).toEqual([])
})

test('however many downloads of whatever size a machine makes up, 2,000 a day are written down and usage is told', async () => {
  const { db, member, clock, ref, says, download, rows } = await system()
  const absurd = {
    bytes: Number.MAX_SAFE_INTEGER,
    host: 'huggingface.co',
    name: 'a.safetensors',
    at: clock(),
  }
  const made = Array.from({ length: 2500 }, () => ({ ...absurd, id: randomUUID() }))
  noteDownloads(db, ref.machineId, made, clock)
  expect(rows()).toHaveLength(2000)
  for (const userId of [member.id, undefined]) {
    const { total, rows } = usageView({ db, clock, policy: { machineSizes: [] } }, { days: 7, userId })
    expect([total.downloads, total.bytes > 2 ** 63, rows[0]?.downloads]).toEqual([2000, true, 2000])
  }
  await says([download({ finishedAt: new Date(clock() - DAY).toISOString() }), download()])
  expect(rows()).toHaveLength(2001)
  clock.advance(DAY)
  await says([download()])
  expect(rows()).toHaveLength(2002)
})

test('an answer beyond 1 MB is not read, and one machine that cannot be noted fails no other’s pass', async () => {
  const { db, lines, says, download, rows } = await system()
  await says([download(), { filler: 'x'.repeat(1024 ** 2) }])
  expect(rows()).toEqual([])
  db.$client.exec(`create trigger refuse before insert on downloads begin select raise(abort, 'no'); end`)
  await says([download()])
  expect(lines.join('')).toContain('downloads of a machine could not be noted')
})
