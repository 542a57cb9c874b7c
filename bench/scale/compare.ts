import { join } from 'node:path'
import { besides, type Report } from '../figures'
import { LARGE, SMALL } from './amounts'
import { measure } from './measure'
import { placesOf } from './pages'
import { startWeb } from './web'
import { passesOf } from './worker-passes'

const AIM = { most: 1.3 }

/** Pages, procedures and what workers do every few seconds, with 100,000 machines in the history beside 100. */
export async function compare(folder: string, redisUrl: string, report: Report): Promise<void> {
  const small = await startWeb(join(folder, 'small'), SMALL, redisUrl)
  const large = await startWeb(join(folder, 'large'), LARGE, redisUrl)
  const both = async (what: string, inSmall: () => Promise<unknown>, inLarge: () => Promise<unknown>) => {
    const took = await measure(inSmall, inLarge)
    const [p50] = besides(
      what,
      took.large,
      { what: `${SMALL.machines - SMALL.running} machines`, samples: took.small },
      AIM,
    )
    if (p50) report(p50)
  }
  try {
    const placesInLarge = placesOf(large.db)
    for (const [n, { what, path }] of placesOf(small.db).entries()) {
      const other = placesInLarge[n]?.path ?? path
      const statuses = [await small.get(path), await large.get(other)]
      if (statuses.some((status) => status !== 200)) throw new Error(`${what}: ${statuses.join(' and ')}`)
      await both(
        what,
        () => small.get(path),
        () => large.get(other),
      )
    }
    const passes = [passesOf(small.db), passesOf(large.db)] as const
    for (const [n, { what, pass }] of passes[0].entries())
      await both(`worker: ${what}`, pass, passes[1][n]?.pass ?? pass)
  } finally {
    await small.end()
    await large.end()
  }
}
