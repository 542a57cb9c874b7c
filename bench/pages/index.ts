import { join } from 'node:path'
import { Pool } from 'undici'
import type { Suite } from '../figures'
import { inFolder } from '../in-folder'
import { startWeb } from '../scale/web'
import { percentile } from '../support'
import { EMPTY, withEmptyRoute } from './empty-route'
import { AMOUNTS, asInUse } from './someone'

const PAGES = { 'Profile page': '/profile', 'Machines page': '/machines' }
const ROUNDS = 12
const ROUND_MS = 1500
const AT_ONCE = 4

/** Requests a second of pages, beside a page of the same server that shows nothing. Needs a build and a redis-server. */
const pages: Suite = (report) =>
  inFolder(async (folder, redisUrl) => {
    const cwd = withEmptyRoute(join(folder, 'web'))
    const web = await startWeb(join(folder, 'data'), AMOUNTS, redisUrl, { cwd })
    const browser = new Pool(web.url, { connections: AT_ONCE })
    try {
      asInUse(web.db)
      const took = await byTurns([EMPTY, ...Object.values(PAGES)], async (path) => {
        const answer = await browser.request({ path, method: 'GET', headers: web.session })
        await answer.body.dump({ limit: Number.MAX_SAFE_INTEGER })
        if (answer.statusCode !== 200) throw new Error(`${path} answered ${answer.statusCode}`)
      })
      const of = (path: string) => ({
        rate: percentile(took.get(path)?.rates ?? [], 0.5),
        p95: percentile(took.get(path)?.ms ?? [], 0.95),
      })
      const beside = (value: number) => ({ what: 'an empty Remix route', value })
      for (const [name, path] of Object.entries(PAGES)) {
        report({
          what: `${name}, requests`,
          value: of(path).rate,
          unit: 'a second',
          beside: beside(of(EMPTY).rate),
          aim: { least: 0.5 },
          note: `${AT_ONCE} at a time, signed in, with 20 machines and both tokens saved and checked.`,
        })
        report({
          what: `${name}, p95`,
          value: of(path).p95,
          unit: 'ms',
          beside: beside(of(EMPTY).p95),
          aim: { most: 2 },
        })
      }
    } finally {
      await browser.close()
      await web.end()
    }
  })
export default pages

/** Rounds of each path by turns. @returns of each the requests a second of a round, and how long each request took */
async function byTurns(paths: readonly string[], ask: (path: string) => Promise<void>) {
  const took = new Map(paths.map((path) => [path, { rates: [] as number[], ms: [] as number[] }]))
  // The first round is for the compiler.
  for (let round = -1; round < ROUNDS; round++)
    for (const [path, { rates, ms }] of took) {
      const samples = await repeat(() => ask(path))
      if (round < 0) continue
      rates.push(samples.length / (ROUND_MS / 1000))
      ms.push(...samples)
    }
  return took
}

/** @returns how long each took of as many as fit into a round */
async function repeat(work: () => Promise<void>): Promise<number[]> {
  const took: number[] = []
  const until = performance.now() + ROUND_MS
  const one = async () => {
    for (let from = performance.now(); from < until; from = performance.now()) {
      await work()
      took.push(performance.now() - from)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
  return took
}
