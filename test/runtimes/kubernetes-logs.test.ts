import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { entriesOf } from '~/worker/runtimes/kubernetes/logs'
import { until } from '../support/until'
import { logText, never, planFor } from './conformance'
import { kubernetesBench } from './kubernetes-bench'

async function entries(output: string, since = '') {
  const all = []
  for await (const some of entriesOf(Readable.from([Buffer.from(output)]), since)) all.push(...some)
  return all
}

test('the times of a node’s own zone are told in UTC, to the nanosecond and all of one length', async () => {
  const printed = [
    '2026-10-25T02:30:00.000000009+02:00 one',
    '2026-10-25T02:30:00.1+01:00 two',
    '2026-10-25T01:30:01Z three',
  ]
  expect(await entries(printed.map((line) => `${line}\n`).join(''))).toEqual([
    { time: '2026-10-25T00:30:00.000000009Z', text: 'one\n' },
    { time: '2026-10-25T01:30:00.100000000Z', text: 'two\n' },
    { time: '2026-10-25T01:30:01.000000000Z', text: 'three\n' },
  ])
})

test('what is older is left out, whatever zone it is told in', async () => {
  const printed = '2026-01-01T09:00:00.5+09:00 old\n2026-01-01T00:00:00.500000001Z new\n'
  expect(await entries(printed, '2026-01-01T00:00:00.500000001Z')).toMatchObject([{ text: 'new\n' }])
})

test('what a node says of itself has no time, and goes with the line before', async () => {
  const said = 'failed to watch the log file: no space left on device\n'
  expect(await entries(`2026-01-01T00:00:00.5Z one\n${said}`)).toEqual([
    { time: '2026-01-01T00:00:00.500000000Z', text: 'one\n' },
    { time: '2026-01-01T00:00:00.500000000Z', text: said },
  ])
})

test('output is asked for anew after a while, and goes on where it was', async () => {
  const { open, bench, cluster } = await kubernetesBench()
  let questions = 0
  cluster.faults.decide = ({ resource }) => {
    if (resource === 'pods/log') questions++
    return 'passed'
  }
  const runtime = open({ comfyuiImage: 'slipway-test:prints', followMaxMs: 100 })
  const ending = new AbortController()
  const kept = runtime.keepLogs(ending.signal)
  const [service] = await runtime.start(planFor(['comfyui']), never())
  for (const text of ['one\n', 'two\n', 'three\n']) {
    const before = questions
    await fetch(`${service?.address}/${encodeURIComponent(text)}`)
    await until('it is asked for anew', () => questions > before)
    await until(`the log holds ${text}`, async () => (await logText(bench)).endsWith(text))
  }
  expect(await logText(bench)).toBe('one\ntwo\nthree\n')
  ending.abort()
  await kept
})
