import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { bundleFolder, bundleProgram } from '../../test/support/bundle-program'
import type { Suite } from '../figures'
import { percentile, timed } from '../support'

const ROUNDS = 5
const SIZE = 1e9
const MEMORY_SIZES = [0.25e9, 1e9, 2e9]
const FLUSHED_AND_CHECKED = 'download of 1 GB, SHA-256 on, flushed'

/**
 * One file from one loopback server to one disk: by Slipway, with its SHA-256, by curl and by aria2c (Debian's
 * `aria2`, one connection), neither of which compares anything. The rounds alternate; each way is timed until the
 * file is safe on the disk, as Slipway's always is. Needs curl and twice the size in free space where temporary
 * files are (TMPDIR).
 */
const download: Suite = async (report) => {
  const bundles = bundleFolder()
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  const target = join(folder, 'target')
  const [fetching = '', serving = ''] = await Promise.all(
    ['fetch', 'server'].map((name) => bundleProgram(`bench/download/${name}.ts`, bundles)),
  )
  const server = spawn(process.execPath, [serving], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [endpoint] = (await once(createInterface({ input: server.stdout }), 'line')) as [string]
    const addressOf = (size: number) => `${endpoint}/large/${size}/resolve/main/model.safetensors`
    // So that nobody waits for the server to work out the file's hash.
    for (const size of [SIZE, ...MEMORY_SIZES]) await fetch(addressOf(size), { method: 'HEAD' })
    const slipway = (size: number) => {
      const text = execFileSync(process.execPath, [fetching, endpoint, addressOf(size), emptied(target)])
      return JSON.parse(text.toString()) as { ms: number; rssMegabytes: number }
    }
    const file = join(target, 'model')
    const others = Object.entries({
      curl: ['-sf', '-o', file, addressOf(SIZE)],
      aria2c: ['-q', '-x1', '--file-allocation=none', '-d', target, '-o', 'model', addressOf(SIZE)],
    })
      .filter(([command]) => isInstalled(command))
      .map(([command, args]) => ({ command, args, took: [] as number[] }))

    const took: number[] = []
    const hashing: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      took.push(slipway(SIZE).ms)
      for (const other of others) {
        emptied(target)
        const ms = await timed(async () => {
          execFileSync(other.command, other.args)
          execFileSync('sync', [file])
        })
        other.took.push(ms)
      }
      const pipe = `curl -sf '${addressOf(SIZE)}' | sha256sum`
      hashing.push(await timed(async () => execFileSync('sh', ['-c', pipe], { stdio: 'ignore' })))
    }
    const rate = (samples: number[]) => SIZE / 1e3 / percentile(samples, 0.5)
    const figure = { what: FLUSHED_AND_CHECKED, value: rate(took), unit: 'MB a second' as const }
    for (const { command, took } of others) {
      const beside = { what: `${command}, flushed`, value: rate(took) }
      report({ ...figure, beside, ...(command === 'curl' && { aim: { least: 0.9 } }) })
    }
    report({ ...figure, beside: { what: 'curl into sha256sum, not written', value: rate(hashing) } })
    const [least = Number.NaN, ...more] = MEMORY_SIZES.map((size) => slipway(size).rssMegabytes)
    for (const [index, value] of more.entries())
      report({
        what: `memory at most, download of ${(MEMORY_SIZES[index + 1] ?? 0) / 1e9} GB`,
        value,
        unit: 'MB',
        beside: { what: 'of 0.25 GB', value: least },
        aim: { most: 1.15 },
      })
  } finally {
    server.kill()
    for (const path of [folder, bundles]) rmSync(path, { recursive: true, force: true })
  }
}
export default download

const isInstalled = (command: string) => spawnSync(command, ['--version']).status === 0

/** @returns the folder, with nothing of the last round left in it */
function emptied(path: string): string {
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path)
  return path
}
