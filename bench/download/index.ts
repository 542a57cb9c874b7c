import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { bundleFolder, bundleProgram } from '../../test/support/bundle-program'
import { percentile, printTable, timed } from '../support'

/**
 * One file from one loopback server to one disk: by Slipway, with its SHA-256, by curl and by aria2c (Debian's
 * `aria2`, one connection), neither of which compares anything. The rounds alternate; each way is timed until the
 * file is safe on the disk, as Slipway's always is, and curl and aria2c also without that.
 *
 *   npm run bench:download [gigabytes = 2] [rounds = 7] [folder on the disk to measure = /tmp]
 *
 * Needs curl, aria2c and coreutils' sync, twice the size in free space, and a machine with nothing else to do.
 */
const [gigabytes = '2', rounds = '7', disk = '/tmp'] = process.argv.slice(2)
const SIZE = Number(gigabytes) * 1e9
const MEMORY_SIZES = [0.25e9, 1e9, 4e9]

const bundles = bundleFolder()
const folder = mkdtempSync(join(resolve(disk), 'slipway-bench-'))
const [fetching, serving] = await Promise.all(
  ['fetch', 'server'].map((name) => bundleProgram(`bench/download/${name}.ts`, bundles)),
)
const server = spawn(process.execPath, [serving as string], { stdio: ['ignore', 'pipe', 'inherit'] })
try {
  const [endpoint] = (await once(createInterface({ input: server.stdout }), 'line')) as [string]
  const addressOf = (size: number) => `${endpoint}/large/${size}/resolve/main/model.safetensors`
  // So that nobody waits for the server to work out the file's hash.
  for (const size of [SIZE, ...MEMORY_SIZES]) await fetch(addressOf(size), { method: 'HEAD' })

  const slipway = (size: number) => {
    const text = execFileSync(process.execPath, [fetching as string, endpoint, addressOf(size), fresh()])
    return JSON.parse(text.toString()) as { ms: number; rssMegabytes: number; verified: string }
  }
  const curl = (into: string) => execFileSync('curl', ['-sf', '-o', join(into, 'model'), addressOf(SIZE)])
  const aria2c = (into: string) =>
    execFileSync('aria2c', [
      '-q',
      '-x1',
      '--file-allocation=none',
      '-d',
      into,
      '-o',
      'model',
      addressOf(SIZE),
    ])

  const samples: Record<string, number[]> = {}
  const note = (what: string, ms: number) => {
    samples[what] = [...(samples[what] ?? []), ms]
  }
  for (let round = 0; round < Number(rounds); round++) {
    note('Slipway, SHA-256, flushed', slipway(SIZE).ms)
    for (const [name, run] of Object.entries({ curl, aria2c })) {
      const into = fresh()
      const without = await timed(async () => run(into))
      const flush = await timed(async () => execFileSync('sync', [join(into, 'model')]))
      note(`${name}, flushed`, without + flush)
      note(name, without)
    }
  }
  const ours = percentile(samples['Slipway, SHA-256, flushed'] ?? [], 0.5)
  printTable(
    `${gigabytes} GB, ${rounds} rounds, medians`,
    Object.entries(samples).map(([what, times]) => ({
      what,
      'MB/s': (SIZE / 1e3 / percentile(times, 0.5)).toFixed(0),
      'Slipway’s speed to this': (percentile(times, 0.5) / ours).toFixed(2),
    })),
  )
  printTable(
    'Memory of Slipway’s process at most',
    MEMORY_SIZES.map((size) => ({ GB: `${size / 1e9}`, MB: slipway(size).rssMegabytes.toFixed(0) })),
  )
} finally {
  server.kill()
  rmSync(folder, { recursive: true, force: true })
  rmSync(bundles, { recursive: true, force: true })
}

/** An empty folder; what the last round left is gone. */
function fresh(): string {
  const path = join(folder, 'target')
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path)
  return path
}
