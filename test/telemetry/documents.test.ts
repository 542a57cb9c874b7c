import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { webMetrics } from '~/telemetry/web-metrics'
import { workerMetrics } from '~/telemetry/worker-metrics'
import { testInstallation } from '../support/installation'

/** Every metric of web and worker. */
async function known() {
  const all = await Promise.all(
    [webMetrics(testInstallation()), workerMetrics('.')].map(({ registry }) => registry.getMetricsAsJSON()),
  )
  return new Set(all.flat().map(({ name }) => name))
}

/** Without what a histogram adds to its name. */
const namedIn = (text: string) =>
  new Set(
    [...text.matchAll(/slipway_[a-z_]+[a-z]/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, '')),
  )

it.each(['deploy/grafana/slipway.json', 'deploy/prometheus/alerts.yml'])(
  '%s asks only for metrics that there are',
  async (file) => {
    const names = namedIn(readFileSync(file, 'utf8'))
    expect(names.size).toBeGreaterThan(5)
    const there = await known()
    expect([...names].filter((name) => !there.has(name))).toEqual([])
  },
)

it('every metric is in the documentation, and nothing else is', async () => {
  const rows = readFileSync('docs/metrics.md', 'utf8').match(/^\| `slipway_\w+`/gm) ?? []
  expect(rows.map((row) => row.slice(3, -1)).sort()).toEqual([...(await known())].sort())
})

it('every alert says what is wrong and what cures it', () => {
  const [, ...rules] = readFileSync('deploy/prometheus/alerts.yml', 'utf8').split(/^ {6}- alert: /m)
  expect(rules.length).toBeGreaterThan(8)
  for (const rule of rules) {
    expect(rule).toMatch(/^Slipway\w+\n {8}expr: /)
    expect(rule).toMatch(/\n {10}summary: .+\.\n {10}cure: .+\.\n/)
  }
})
