import { join } from 'node:path'
import { besides, type Report } from '../figures'
import type { RunningSlipway } from '../slipway'
import { percentile, timed } from '../support'
import { startByHand } from './by-hand'
import { hasJupyterHub, type RunningJupyterHub, startJupyterHub } from './jupyterhub'
import { launchPace } from './pace'

const ROUNDS = { alone: 20, together: 8 }
const AT_ONCE = 8

/** Starts the n-th of those that start at once. */
type Start = (n: number) => Promise<{ ms: number; end(): Promise<void> }>

interface Way {
  start: Start
  /** Milliseconds of each start. */
  alone: number[]
  together: number[]
  /** Milliseconds until all of a round were there. */
  rounds: number[]
}

/**
 * From the launch request over HTTP until the machine is running, against spawning the same service by hand and
 * awaiting its first answer, and against JupyterHub where that is installed. The rounds alternate, so that all
 * of them meet the same machine.
 */
export async function requestToRunning(slipway: RunningSlipway, report: Report): Promise<void> {
  const hub = hasJupyterHub() ? await startJupyterHub(join(slipway.folder, 'jupyterhub'), AT_ONCE) : undefined
  if (!hub)
    console.log('JupyterHub is not installed, so nothing is measured beside it: apt-get install jupyterhub')
  try {
    const ways = waysOf(slipway, hub)
    const pace = launchPace()
    // The first of each meets cold caches.
    await pace(1)
    for (const way of Object.values(ways)) await round(way, 1)
    for (let n = 0; n < ROUNDS.alone; n++) {
      await pace(1)
      for (const way of Object.values(ways)) way.alone.push(...(await round(way, 1)))
    }
    for (let n = 0; n < ROUNDS.together; n++) {
      await pace(AT_ONCE)
      for (const way of Object.values(ways)) {
        const took = await round(way, AT_ONCE)
        way.together.push(...took)
        way.rounds.push(Math.max(...took))
      }
    }
    tell(ways, report)
  } finally {
    await hub?.end()
  }
}

function waysOf(slipway: RunningSlipway, hub: RunningJupyterHub | undefined) {
  const way = (start: Start): Way => ({ start, alone: [], together: [], rounds: [] })
  return {
    slipway: way(async () => {
      let id = ''
      const ms = await timed(async () => {
        id = await slipway.launch()
      })
      return { ms, end: () => slipway.stop(id) }
    }),
    byHand: way((n) => startByHand(join(slipway.dataDir, `by-hand-${n}`))),
    ...(hub && { hub: way(hub.start) }),
  }
}

async function round({ start }: Way, atOnce: number): Promise<number[]> {
  const started = await Promise.all(Array.from({ length: atOnce }, (_, n) => start(n)))
  for (const { end } of started) await end()
  return started.map(({ ms }) => ms)
}

function tell({ slipway, byHand, hub }: ReturnType<typeof waysOf>, report: Report): void {
  const aim = { most: 1.15 }
  const what = 'spawn and await by hand'
  for (const figure of [
    ...besides('request to running', slipway.alone, { what, samples: byHand.alone }, aim),
    ...besides(
      `request to running, ${AT_ONCE} at once`,
      slipway.together,
      { what, samples: byHand.together },
      aim,
    ),
    ...besides(
      `request to all ${AT_ONCE} running`,
      slipway.rounds,
      { what, samples: byHand.rounds },
      aim,
    ).slice(0, 1),
  ])
    report(figure)
  if (!hub) return
  const [median] = besides(
    'request to running',
    slipway.alone,
    { what: 'JupyterHub', samples: hub.alone },
    { most: 0.3 },
  )
  if (median) report(median)
  report({
    what: `machines a second, ${AT_ONCE} at once`,
    value: rate(slipway),
    unit: 'a second',
    beside: { what: 'JupyterHub', value: rate(hub) },
    aim: { least: 2.3 },
    note: `By hand: ${rate(byHand).toFixed(1)} a second.`,
  })
}

const rate = ({ rounds }: Way) => (AT_ONCE * 1000) / percentile(rounds, 0.5)
