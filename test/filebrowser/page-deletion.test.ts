import { expect, test } from 'vitest'
import { ApiError } from '~/filebrowser/page/api'
import { Deletions } from '~/filebrowser/page/files/deletions'
import type { Entry } from '~/filebrowser/page/files/files-api'

/** So long that about 66 of them fit a request. */
const entries = (count: number): Entry[] =>
  Array.from({ length: count }, (_, at) => {
    const name = `${'x'.repeat(196)}${at}`
    return { name, path: name, kind: 'file', size: 0, modifiedAt: '' }
  })
const alone = (name: string): Entry[] => [
  { name, path: `out/${name}`, kind: 'file', size: 0, modifiedAt: '' },
]
const broken = (code: string) => new ApiError({ code, message: 'It broke.' })

/** A trash that fails in the requests whose numbers, from 1, are in `failing`. */
function withTrash(failing: Record<number, ApiError>, full = false) {
  const held = new Map<string, string[]>()
  const said: { text: string; canUndo: boolean }[] = []
  const taken = new Set<string>()
  let requests = 0
  const begin = () => {
    requests++
    const error = failing[requests]
    if (error) throw error
  }
  const deletions = new Deletions({
    api: {
      async moveToTrash(paths) {
        begin()
        const id = String(requests)
        const times = { deletedAt: '', purgedAt: '' }
        if (full) return { id, paths: [], size: 0, ...times, notice: 'It is gone for good.' }
        held.set(id, paths)
        return { id, paths, size: 0, ...times, notice: null }
      },
      async restore(id) {
        begin()
        const paths = (held.get(id) ?? []).map((path) => (taken.has(path) ? `${path} (restored)` : path))
        held.delete(id)
        return { paths }
      },
    },
    say: (text, action) => said.push({ text, canUndo: action?.label === 'Undo' }),
    onChanged: () => {},
  })
  return { deletions, held, said, taken }
}

test('what was deleted before it failed comes back by Undo, not what was deleted earlier', async () => {
  const { deletions, held, said } = withTrash({ 3: broken('busy') })
  await deletions.remove(alone('earlier.txt'))
  await deletions.remove(entries(150))
  expect(said.at(-1)).toEqual({ text: 'Deleted some of them. It broke.', canUndo: true })
  expect([...held.keys()]).toEqual(['1', '2'])
  await deletions.undo()
  expect([...held.keys()]).toEqual(['1'])
  expect(said.at(-1)?.text).toMatch(/^Restored \d\d files\.$/)
})

test('a deletion that fails whole leaves the earlier one to be undone', async () => {
  const { deletions, held, said } = withTrash({ 2: broken('busy') })
  await deletions.remove(alone('earlier.txt'))
  await deletions.remove(alone('b.txt'))
  expect(said.at(-1)).toEqual({ text: 'It broke.', canUndo: false })
  await deletions.undo()
  expect(held.size).toBe(0)
})

test('what could not be restored can be asked for again, without what is back', async () => {
  const { deletions, held, said } = withTrash({ 5: broken('lost') })
  await deletions.remove(entries(150))
  expect([...held.keys()]).toEqual(['1', '2', '3'])
  await deletions.undo()
  expect([...held.keys()]).toEqual(['1', '2'])
  expect(said.at(-1)).toEqual({ text: 'Restored some of them. It broke.', canUndo: true })
  await deletions.undo()
  expect(held.size).toBe(0)
  expect(said.at(-1)).toEqual({ text: 'Restored 150 files.', canUndo: false })
})

test('what is gone for good does not keep the rest from coming back', async () => {
  const { deletions, held, said } = withTrash({ 4: broken('not_found') })
  await deletions.remove(entries(150))
  await deletions.undo()
  expect([...held.keys()]).toEqual(['3'])
  expect(said.at(-1)).toEqual({ text: 'Restored some of them. It broke.', canUndo: false })
})

test('a name that was taken meanwhile is said to be another one now', async () => {
  const { deletions, said, taken } = withTrash({})
  taken.add('out/a.txt')
  await deletions.remove(alone('a.txt'))
  await deletions.undo()
  expect(said.at(-1)?.text).toBe(
    'Restored a.txt, as a.txt (restored), since something else is called that now.',
  )
})

test('what a full disk could not keep is said to be gone, and offers no way back', async () => {
  const { deletions, held, said } = withTrash({}, true)
  await deletions.remove(alone('a.txt'))
  expect(said).toEqual([{ text: 'Deleted a.txt. It is gone for good.', canUndo: false }])
  await deletions.undo()
  expect(held.size).toBe(0)
  expect(said).toHaveLength(1)
})
