import { expect, test } from 'vitest'
import type { Progress } from '~/worker/comfyui/comfyui'
import { progressMeter } from '~/worker/comfyui/progress'

const workflow = Object.fromEntries(
  ['1', '2', '3', '4'].map((id) => [
    id,
    { class_type: `Class${id}`, inputs: {}, _meta: { title: `Node ${id}` } },
  ]),
)

function after(...events: [string, Record<string, unknown>][]): Progress[] {
  const told: Progress[] = []
  const take = progressMeter(workflow, (progress) => told.push(progress))
  for (const [type, data] of events) take({ type, data })
  return told
}

test('nodes that are done count whole, and the one that runs by its steps', () => {
  expect(
    after(
      ['execution_cached', { nodes: ['1'] }],
      ['executing', { node: '2' }],
      ['progress', { value: 1, max: 2, node: '2' }],
      ['executing', { node: '3' }],
      ['executed', { node: '3' }],
      ['executing', { node: null }],
    ),
  ).toEqual([
    { done: 0.25, node: null },
    { done: 0.25, node: 'Node 2' },
    { done: 0.37, node: 'Node 2' },
    { done: 0.5, node: 'Node 3' },
    { done: 0.75, node: 'Node 3' },
    { done: 0.75, node: null },
  ])
})

test('newer versions tell of all nodes at once', () => {
  const nodes = { '1': { value: 1, max: 1, state: 'finished' }, '2': { value: 3, max: 4, state: 'running' } }
  expect(after(['progress_state', { nodes }])).toEqual([{ done: 0.43, node: 'Node 2' }])
})

test('whoever listens late hears of the node that runs by its steps', () => {
  expect(after(['progress', { value: 2, max: 4, node: '3' }])).toEqual([{ done: 0.12, node: 'Node 3' }])
})

test('a node that steps aside for another takes nothing back', () => {
  const running = (node: string, value: number) => ({
    nodes: { [node]: { value, max: 10, state: 'running' } },
  })
  const told = after(['progress_state', running('1', 8)], ['progress_state', running('2', 1)])
  expect(told).toEqual([
    { done: 0.2, node: 'Node 1' },
    { done: 0.2, node: 'Node 2' },
  ])
})

test('it never goes back, whatever is told', () => {
  const told = after(
    ['executing', { node: '1' }],
    ['progress', { value: 9, max: 10, node: '1' }],
    ['progress', { value: 1, max: 10, node: '1' }],
    ['progress', { value: 500, max: 10, node: '1' }],
    ['progress', { value: -3, max: 0, node: '1' }],
    ['progress', { value: 'x' }],
    ['execution_cached', { nodes: 'all' }],
  )
  expect(told.map(({ done }) => done)).toEqual([0, 0.22, 0.25])
})

test('nodes that the workflow does not have count for nothing', () => {
  expect(
    after(
      ['executed', { node: 'toString' }],
      ['executing', { node: '__proto__' }],
      ['executed', { node: '9' }],
    ),
  ).toEqual([])
})

test('a long sampler is told of a hundred times at most', () => {
  const steps = Array.from({ length: 5000 }, (_, at): [string, Record<string, unknown>] => [
    'progress',
    { value: at, max: 5000, node: '1' },
  ])
  expect(after(['executing', { node: '1' }], ...steps).length).toBeLessThan(101)
})
