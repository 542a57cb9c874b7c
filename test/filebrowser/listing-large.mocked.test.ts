import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { describeEntry } from '~/filebrowser/workspace/describe'
import { listFolder } from '~/filebrowser/workspace/list-folder'
import { openWorkspace } from '~/filebrowser/workspace/workspace'

vi.mock('~/filebrowser/workspace/describe', async (original) => {
  const actual = await original<typeof import('~/filebrowser/workspace/describe')>()
  return { ...actual, describeEntry: vi.fn(actual.describeEntry) }
})

test('a page of a large folder looks at the entries of that page and no others', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'filebrowser-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const workspace = await openWorkspace(folder)
  for (let index = 0; index < 300; index++) await writeFile(join(folder, 'input', `${index}`), '')

  const page = await listFolder(workspace, 'input', { offset: 10, limit: 5 })
  expect(page.entries.map(({ name }) => name)).toEqual(['10', '11', '12', '13', '14'])
  expect(page.total).toBe(300)
  expect(describeEntry).toHaveBeenCalledTimes(5)
})
