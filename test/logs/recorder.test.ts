import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { readLog, type ServiceLog } from '~/log-files'
import { type Entry, isComplete, logRecorder, sinceOf } from '~/worker/logs/recorder'
import { temporaryFolder } from '../support/temp-folder'

const TOKEN = 'hf_CANARYrecorder0123456789'
const BEGAN = Date.parse('2026-01-01T00:00:00Z')

function testLog() {
  const folder = temporaryFolder()
  onTestFinished(() => folder.remove())
  let count = 0
  return (): ServiceLog => ({ folder: join(folder.path, String(++count)), service: 'comfyui', attempt: 1 })
}

const textOf = async (log: ServiceLog) =>
  (await readLog(log, 0, Number.MAX_SAFE_INTEGER)).bytes.toString('latin1')

const timeOf = (ms: number) => new Date(BEGAN + ms).toISOString().replace('Z', '000000Z')
const progressFile = ({ folder }: ServiceLog) => join(folder, 'comfyui.1.json')
const progressOf = (log: ServiceLog) => {
  try {
    return readFileSync(progressFile(log), 'utf8')
  } catch {
    return undefined
  }
}

interface Reading {
  log: ServiceLog
  /** What there is to read by now. */
  entries: readonly Entry[]
  source?: string
  /** So many at once. */
  batch?: number
  /** After so many it is killed, having written down the last ones and not how far it is. */
  killedAfter?: number
  isAll?: boolean
}

/** One worker's turn at a source that answers as the Engine does. */
function readOnce({ log, entries, source = 'one', batch = 3, killedAfter, isAll = false }: Reading) {
  const since = sinceOf(log, source) ?? ''
  const recorder = logRecorder({ log, bytesMax: 1e6, secrets: [TOKEN], source })
  const answered = entries.filter(({ time }) => time >= since)
  const read = answered.slice(0, killedAfter)
  for (let at = 0; at < read.length; at += batch) {
    const before = progressOf(log)
    recorder.write(read.slice(at, at + batch))
    const isLast = at + batch >= read.length
    if (isLast && killedAfter !== undefined && before) writeFileSync(progressFile(log), before)
  }
  if (isAll) recorder.complete()
  recorder.close()
}

/** Text that falls into lines and pieces of lines, with the token in one piece and in several. */
const piece = fc.constantFrom('line\n', 'part', '\n', `${TOKEN}\n`, 'hf_CANARY', 'recorder0123456789', 'é')
const entries = fc
  .array(fc.record({ text: piece, step: fc.constantFrom(0, 0, 1, 300, 2000), swap: fc.boolean() }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((found) => {
    let now = 5000
    return found.map(({ text, step, swap }): Entry => {
      now += step
      // Standard error may come before what was printed a little earlier.
      return { time: timeOf(swap ? now - 400 : now), text: Buffer.from(text).toString('latin1') }
    })
  })

test('however often readers are killed and wherever, the log ends up with everything once, in order, without tokens', async () => {
  const newLog = testLog()
  const turns = fc.array(
    fc.record({ killedAfter: fc.nat(30), batch: fc.integer({ min: 1, max: 7 }), printed: fc.nat(20) }),
    { maxLength: 6 },
  )
  await fc.assert(
    fc.asyncProperty(entries, turns, async (all, turns) => {
      const log = newLog()
      const whole = newLog()
      let printed = 0
      for (const turn of turns) {
        printed = Math.min(all.length, printed + turn.printed)
        readOnce({ log, entries: all.slice(0, printed), ...turn })
        expect(isComplete(log, 'one')).toBe(false)
      }
      readOnce({ log, entries: all, isAll: true })
      readOnce({ log: whole, entries: all, batch: all.length, isAll: true })
      const text = await textOf(log)
      expect(text).toBe(await textOf(whole))
      expect(text).not.toContain(TOKEN)
      expect(isComplete(log, 'one')).toBe(true)
    }),
    { numRuns: 200 },
  )
})

const lines = (from: number, to: number): Entry[] =>
  Array.from({ length: to - from }, (_, n) => ({ time: timeOf((from + n) * 500), text: `${from + n}\n` }))

test('what its source has dropped in the meantime takes nothing else with it', async () => {
  const log = testLog()()
  readOnce({ log, entries: lines(0, 10) })
  readOnce({ log, entries: lines(8, 20) })
  const [first, ...others] = (await textOf(log)).match(/\d+/g)?.map(Number) ?? []
  expect(first).toBe(0)
  expect(new Set(others)).toEqual(new Set(Array.from({ length: 19 }, (_, n) => n + 1)))
  expect(others.at(-1)).toBe(19)
})

test('another source goes on in the same log', async () => {
  const log = testLog()()
  readOnce({ log, entries: lines(0, 2), source: 'one', isAll: true })
  readOnce({ log, entries: lines(5, 7), source: 'two' })
  expect(await textOf(log)).toBe('0\n1\n5\n6\n')
  expect(isComplete(log, 'two')).toBe(false)
})

test('a log that lost its end, or what is known of it, is written again rather than left with a gap', async () => {
  const log = testLog()()
  readOnce({ log, entries: lines(0, 5) })
  writeFileSync(join(log.folder, 'comfyui.1.0.log'), '0\n')
  readOnce({ log, entries: lines(0, 5) })
  expect(await textOf(log)).toBe('0\n0\n1\n2\n3\n4\n')
  writeFileSync(progressFile(log), '{"source":')
  readOnce({ log, entries: lines(4, 5) })
  expect(await textOf(log)).toMatch(/4\n4\n$/)
})
