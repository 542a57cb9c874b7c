import { describe, expect, it } from 'vitest'
import { type Found, foundEntries, ownActions, pageEntries } from '~/app/components/palette/entries'
import { rank, unsought } from '~/app/components/palette/rank'
import { followKeys, GO_TO, singleKeys } from '~/app/components/palette/shortcuts'
import { ADMIN_PAGES, PROFILE_PAGES } from '~/app/components/sub-nav'

const machine = (id: string, name: string, status: Found['machines'][number]['status']) => ({
  ...{ id, name, status, kind: 'comfyui' as const },
  services: status === 'running' ? [{ name: 'filebrowser' as const, url: '' }] : [],
})
const FOUND: Found = {
  machines: [machine('a', 'Portraits', 'running'), machine('b', 'Old one', 'stopped')],
  options: { hasTrainer: true, mayLaunch: true },
  providerTokens: [
    { provider: 'huggingface', label: 'Hugging Face', saved: true, checksOn: true },
    { provider: 'civitai', label: 'Civitai', saved: false, checksOn: true },
  ],
  hidesFirstSteps: false,
}
const ENTRIES = [...foundEntries(FOUND), ...pageEntries(false), ...ownActions()]
const titles = (groups: ReturnType<typeof rank>) =>
  groups.flatMap(({ entries }) => entries.map(({ title }) => title))
const first = (search: string, recentIds: string[] = []) => titles(rank(ENTRIES, search, recentIds))[0]

describe('the palette finds', () => {
  it.each([
    ['portraits', 'Portraits'],
    ['stop port', 'Stop: Portraits'],
    ['port stop', 'Stop: Portraits'],
    ['files', 'Open models & files: Portraits'],
    ['old', 'Old one'],
    ['machine launch', 'Launch a ComfyUI machine'],
    ['trainer', 'Trainer settings'],
    ['civitai', 'Save your Civitai token'],
    ['check', 'Check your Hugging Face token'],
    ['log out', 'Sign out'],
    ['prof', 'Profile'],
  ])('by “%s” first “%s”', (search, title) => expect(first(search)).toBe(title))

  it('every page that stands in a navigation', () => {
    const pages = pageEntries(true).map(({ id }) => id)
    const tabs = [...PROFILE_PAGES, ...ADMIN_PAGES].map(({ to }) => `page ${to}`)
    expect(tabs.filter((tab) => !pages.includes(tab))).toEqual([])
  })

  it('nothing by letters that merely occur', () => {
    expect(titles(rank(ENTRIES, 'zebra', []))).toEqual([])
    expect(titles(rank(ENTRIES, 'stop', []))).toEqual(['Stop: Portraits', 'Old one'])
  })

  it('first what was chosen lately, of what fits alike', () => {
    const [one, other] = titles(rank(ENTRIES, 'launch a', [])).slice(0, 2) as [string, string]
    const recentIds = ENTRIES.filter(({ title }) => title === other).map(({ id }) => id)
    expect(first('launch a', recentIds)).toBe(other)
    expect(one).not.toBe(other)
  })
})

it('before anything is typed recent choices come first, once, and what is gone not at all', () => {
  const groups = unsought(ENTRIES, ['page /saves', 'machine gone', 'action stop a'])
  expect(groups[0]).toMatchObject({
    name: 'Recent',
    entries: [{ title: 'Saves' }, { title: 'Stop: Portraits' }],
  })
  expect(titles(groups).filter((title) => title === 'Saves')).toHaveLength(1)
  expect(titles(groups)).not.toContain('Relaunch: Portraits')
})

it('offers nobody what they may not or could not do', () => {
  const offered = (found: Partial<Found>) => foundEntries({ ...FOUND, ...found }).map(({ title }) => title)
  expect(offered({ options: { hasTrainer: false, mayLaunch: true } })).not.toContain(
    'Launch a Trainer machine',
  )
  const mayNot = offered({ options: { hasTrainer: true, mayLaunch: false } }).join()
  expect(mayNot).toContain('Stop: Portraits')
  expect(mayNot).not.toMatch(/launch/i)
  expect(offered({})).not.toContain('Check your Civitai token')
  expect(offered({ machines: [machine('c', 'Going', 'stopping')] })).not.toContain('Stop: Going')
  expect(JSON.stringify(pageEntries(false))).not.toContain('/admin')
  expect(singleKeys(false).map(({ does }) => does)).not.toContain('Admin')
})

it('what ends a machine that runs asks first', () => {
  const ending = ENTRIES.filter(({ title }) => /^(Stop|Relaunch): /.test(title))
  expect(ending.map(({ does }) => does)).toEqual(['ask', 'ask'])
})

describe('shortcuts of two keys', () => {
  it('go where the table says, when the second follows soon', () => {
    for (const { keys, to } of GO_TO) {
      const follow = followKeys(singleKeys(true))
      expect(follow(keys[0] as string, 0)).toBeUndefined()
      expect(follow(keys[1] as string, 1000)).toMatchObject({ to })
    }
  })

  it('are forgotten after a while, and by another key', () => {
    const follow = followKeys(GO_TO)
    follow('g', 0)
    expect(follow('m', 1501)).toBeUndefined()
    follow('g', 2000)
    follow('x', 2001)
    expect(follow('m', 2002)).toBeUndefined()
  })
})
