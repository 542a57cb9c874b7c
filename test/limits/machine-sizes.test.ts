import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parseSettings } from '~/env'
import { describeSize, readMachineSizes, sizesFor } from '~/machine-sizes'
import { temporaryFolder } from '../support/temp-folder'

function fileOf(text: string): string {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const file = join(folder.path, 'machines.json')
  writeFileSync(file, text)
  return file
}

const GOOD = { name: 'small', label: 'Small', cpus: 2, memoryGiB: 8 }

/** What is said of a file, without its name. */
function faultsOf(sizes: unknown, text = JSON.stringify(sizes)): string[] {
  const file = fileOf(text)
  try {
    readMachineSizes(file)
  } catch (error) {
    const [, ...faults] = (error as Error).message.split('\n')
    return faults.map((fault) => fault.trim().replace(`MACHINES_CONFIG ${file}: `, ''))
  }
  return []
}

describe('a file of sizes', () => {
  test('is read with what it leaves out', () => {
    expect(readMachineSizes(fileOf(JSON.stringify([GOOD])))).toEqual([{ ...GOOD, pids: 4096 }])
  })

  test('has all its faults named at once, with where they are', () => {
    const bad = { label: '', cpus: 0, memoryGiB: 'much', pids: 1, roles: ['owner'], kinds: [] }
    expect(faultsOf([GOOD, bad, GOOD])).toEqual([
      '1.name is missing',
      '1.label is empty',
      '1.cpus must be more than 0',
      '1.memoryGiB must be a number',
      '1.pids must be 64 or more',
      '1.roles.0 must be admin or member',
      '1.kinds is empty',
    ])
    expect(faultsOf([GOOD, GOOD])).toEqual(['1.name “small” is there twice'])
  })

  test.each([
    ['a size that is misspelt', [{ ...GOOD, memory: 8 }], 'memory'],
    ['an escape from the container', [{ ...GOOD, privileged: true }], 'privileged'],
    ['no size at all', [], 'must name at least one size'],
    ['something else than a list', { sizes: [GOOD] }, 'must be a list of sizes'],
    ['half a GPU', [{ ...GOOD, gpus: { count: 0.5 } }], 'must be a whole number from 1, or "all"'],
    ['more GPUs than it names', [{ ...GOOD, gpus: { count: 2, devices: ['0'] } }], 'as many as count says'],
  ])('is refused with %s', (_what, sizes, said) =>
    expect(faultsOf(sizes)).toEqual([expect.stringContaining(said)]),
  )

  test('says on which nodes of a cluster, and has the faults of that named', () => {
    const kubernetes = {
      nodeSelector: { gpu: 'l4' },
      tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }, {}],
    }
    expect(readMachineSizes(fileOf(JSON.stringify([{ ...GOOD, kubernetes }])))).toMatchObject([
      { kubernetes },
    ])
    const bad = {
      nodeSelector: { gpu: 4 },
      tolerations: [{ operator: 'In', effect: 'Never' }, { name: 'gpu' }],
      affinity: {},
    }
    expect(faultsOf([{ ...GOOD, kubernetes: bad }])).toEqual([
      '0.kubernetes.nodeSelector.gpu must be text',
      '0.kubernetes.tolerations.0.operator must be Exists or Equal',
      '0.kubernetes.tolerations.0.effect must be NoSchedule, PreferNoSchedule or NoExecute',
      expect.stringMatching(/^0\.kubernetes\.tolerations\.1 .*name/),
      expect.stringMatching(/^0\.kubernetes .*affinity/),
    ])
  })

  test('that is no JSON, or isn’t there, says so', () => {
    expect(faultsOf(undefined, '[{')).toEqual([expect.stringContaining('is no JSON')])
    expect(() => readMachineSizes('/nowhere.json')).toThrow('/nowhere.json: cannot be read (ENOENT)')
  })

  test('is named with the other faulty settings, by web and worker alike', () => {
    const env = { MACHINES_CONFIG: fileOf('[]'), MACHINES_MAX: 'x', PORT: 'x' }
    expect(() => parseSettings(env)).toThrow(/PORT[\s\S]*MACHINES_MAX[\s\S]*MACHINES_CONFIG/)
  })
})

test('sizes are for whom and for what they say', () => {
  const all = [
    { ...GOOD, pids: 64, roles: ['admin' as const] },
    { ...GOOD, pids: 64, name: 'training', kinds: ['trainer' as const] },
    { ...GOOD, pids: 64, name: 'plain' },
  ]
  const names = (use: Parameters<typeof sizesFor>[1]) => sizesFor(all, use).map(({ name }) => name)
  expect(names({ role: 'admin', kind: 'trainer' })).toEqual(['small', 'training', 'plain'])
  expect(names({ role: 'member', kind: 'comfyui' })).toEqual(['plain'])
  expect(names({ role: 'member' })).toEqual(['training', 'plain'])
})

test.each([
  [{ cpus: 1, memoryGiB: 4 }, '1 CPU, 4 GiB memory'],
  [{ cpus: 8, memoryGiB: 32, gpus: { count: 1 } }, '8 CPUs, 32 GiB memory, 1 × GPU'],
  [
    { cpus: 8, memoryGiB: 32, gpus: { count: 'all' as const, kind: 'NVIDIA L4' } },
    '8 CPUs, 32 GiB memory, all NVIDIA L4',
  ],
])('a size is said in words: %#', (size, words) => expect(describeSize(size)).toBe(words))
