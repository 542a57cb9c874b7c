import { existsSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { listLogs, logExtent, readLog, type ServiceLog } from '~/log-files'
import { boundedLog } from '~/worker/logs/bounded-log'
import { temporaryFolder } from '../support/temp-folder'

const BYTES_MAX = 4000

function testLog(): ServiceLog {
  const folder = temporaryFolder()
  onTestFinished(() => folder.remove())
  return { folder: join(folder.path, 'logs/machine'), service: 'comfyui', attempt: 1 }
}

const onDisk = ({ folder }: ServiceLog) =>
  readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
const all = async (log: ServiceLog) => (await readLog(log, 0, Number.MAX_SAFE_INTEGER)).bytes.toString()

test('the newest is kept, never more than allowed, and it is known how much came before', async () => {
  const log = testLog()
  const file = boundedLog(log, BYTES_MAX)
  let printed = ''
  for (let line = 0; line < 2000; line++) {
    const text = `line ${line} ${'x'.repeat(line % 50)}\n`
    printed += text
    file.write(Buffer.from(text))
    expect(onDisk(log)).toBeLessThanOrEqual(BYTES_MAX)
  }
  const { oldest, size } = logExtent(log)
  expect(size).toBe(printed.length)
  expect(await all(log)).toBe(printed.slice(oldest))
  expect(size - oldest).toBeGreaterThan(BYTES_MAX / 2)
  expect(await all(log)).toMatch(/^line \d+ x*\n/)
})

test('any bytes in any pieces, lines or not, stay bounded and in order', async () => {
  const folder = testLog().folder
  let attempt = 0
  const piece = fc.oneof(
    fc.string({ maxLength: 2000 }),
    fc.constantFrom('\n', '\r', '\0', 'x'.repeat(3000), `${'y'.repeat(1200)}\n`),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 20 }), async (pieces) => {
      attempt++
      const log = { folder: join(folder, String(attempt)), service: 'comfyui', attempt }
      const file = boundedLog(log, BYTES_MAX)
      const printed = Buffer.from(pieces.join(''))
      for (const text of pieces) file.write(Buffer.from(text))
      const { oldest, size } = logExtent(log)
      expect(size).toBe(printed.length)
      expect(size - oldest).toBeLessThanOrEqual(BYTES_MAX)
      const { from, bytes } = await readLog(log, 0, Number.MAX_SAFE_INTEGER)
      expect(from).toBe(oldest)
      expect(bytes.equals(printed.subarray(oldest))).toBe(true)
    }),
  )
})

test('reading any part answers that part, across files', async () => {
  const log = testLog()
  const file = boundedLog(log, BYTES_MAX)
  const printed = Array.from({ length: 3800 }, (_, n) => String.fromCharCode(97 + (n % 26))).join('')
  for (let at = 0; at < printed.length; at += 100) file.write(Buffer.from(printed.slice(at, at + 100)))
  expect(readdirSync(log.folder).length).toBeGreaterThan(2)
  for (let from = 0; from <= 4000; from += 333) {
    const { bytes } = await readLog(log, from, 1500)
    expect(bytes.toString()).toBe(printed.slice(from, from + 1500))
  }
})

test('a second writer of the same log goes on where the first one ended', async () => {
  const log = testLog()
  boundedLog(log, BYTES_MAX).write(Buffer.from('one\n'))
  boundedLog(log, BYTES_MAX).write(Buffer.from('two\n'))
  expect(await all(log)).toBe('one\ntwo\n')
  expect(await listLogs(log.folder)).toEqual([{ service: 'comfyui', attempt: 1 }])
})

test('while nothing can be written the service goes on, and afterwards the log says what it lacks', async () => {
  const log = testLog()
  writeFileSync(join(log.folder, '../..', 'logs'), '')
  const file = boundedLog(log, BYTES_MAX)
  file.write(Buffer.from('lost\n'))
  rmSync(join(log.folder, '..'))
  file.write(Buffer.from('kept\n'))
  expect(await all(log)).toBe('\n[slipway] 5 bytes of output could not be written to the disk.\nkept\n')
})

test('neither writing nor reading follows a link', async () => {
  const log = testLog()
  boundedLog(log, BYTES_MAX).write(Buffer.from('one\n'))
  const [name = ''] = readdirSync(log.folder)
  const target = join(log.folder, 'secret')
  rmSync(join(log.folder, name))
  symlinkSync(target, join(log.folder, name))
  boundedLog(log, BYTES_MAX).write(Buffer.from('two\n'))
  expect(existsSync(target)).toBe(false)
  writeFileSync(target, 'not for you')
  await expect(readLog(log, 0, 100)).rejects.toThrow('ELOOP')
})

test('a log that was never begun is empty', async () => {
  const log = testLog()
  expect(logExtent(log)).toEqual({ oldest: 0, size: 0 })
  expect(await all(log)).toBe('')
  expect(await listLogs(log.folder)).toEqual([])
})
