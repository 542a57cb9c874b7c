import { describe, expect, it } from 'vitest'
import type { DownloadView } from '~/filebrowser/contract'
import { overallProgress, percent } from '~/filebrowser/page/downloads/progress'
import { milestones } from '~/filebrowser/page/downloads/queue/milestones'
import { groupDownloads } from '~/filebrowser/page/downloads/states'
import { applyEvent } from '~/filebrowser/page/downloads/use-downloads'
import { visibleName } from '~/filebrowser/page/files/visible-name'
import { formatTimeLeft } from '~/filebrowser/page/format'
import { folderHref, readPlace } from '~/filebrowser/page/use-location'

const view = (id: string, part: Partial<DownloadView> = {}) =>
  ({
    id,
    name: `${id}.safetensors`,
    state: 'queued',
    received: 0,
    size: 100,
    queuedAt: id,
    ...part,
  }) as DownloadView

describe('the live list', () => {
  const [a, b] = [view('a'), view('b')]

  it('takes over everything, then what changes, and keeps what doesn’t as it is', () => {
    const all = applyEvent([], { type: 'all', downloads: [a, b] })
    const next = view('b', { received: 50 })
    const changed = applyEvent(all, { type: 'changed', downloads: [next, view('c')] })
    expect(changed.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(changed[0]).toBe(a)
    expect(changed[1]).toBe(next)
    expect(applyEvent(changed, { type: 'removed', ids: ['a', 'c'] })).toEqual([next])
    expect(applyEvent(changed, { type: 'all', downloads: [] })).toEqual([])
  })

  it('is in groups, what ended last at their top', () => {
    const groups = groupDownloads([
      view('2', { state: 'paused' }),
      view('1'),
      view('3', { state: 'done', finishedAt: '2026-01-01' }),
      view('4', { state: 'canceled', finishedAt: '2026-01-02' }),
      view('5', { state: 'failed', finishedAt: '2026-01-02' }),
      view('6', { state: 'verifying' }),
    ])
    const ids = Object.entries(groups).map(([name, downloads]) => [
      name,
      downloads.map(({ id }) => id).join(),
    ])
    expect(Object.fromEntries(ids)).toEqual({ Running: '6', Waiting: '1,2', Failed: '5', Finished: '4,3' })
  })

  it('has come as far as what runs has, and is 100 % only when it is done', () => {
    const paused = view('p', { state: 'paused', received: 99 })
    const running = view('r', { state: 'downloading', received: 599, size: 600 })
    expect(overallProgress([paused, running])).toEqual({ active: 1, share: 599 / 600 })
    expect(percent(599 / 600)).toBe('99 %')
    expect(overallProgress([paused])).toEqual({ active: 0, share: undefined })
    expect(overallProgress([view('u', { size: null })])).toEqual({ active: 1, share: undefined })
  })
})

describe('a screen reader', () => {
  const before = new Map([['a', 'downloading'] as const])

  it('hears who began, ended and failed, and no progress', () => {
    expect(milestones(before, [view('a', { state: 'downloading', received: 7 })])).toBe('')
    expect(milestones(before, [view('a', { state: 'done' })])).toBe('a.safetensors is done.')
    const error = { code: 'disk_full', message: 'There is no room.' } as const
    expect(milestones(before, [view('a', { state: 'failed', error })])).toBe(
      'a.safetensors failed. There is no room.',
    )
    expect(milestones(before, [view('b'), view('c', { state: 'paused' })])).toBe('')
  })

  it('hears numbers when many do so at once', () => {
    const many = ['b', 'c', 'd', 'e'].map((id) => view(id, { state: 'done' }))
    expect(milestones(before, [...many, view('f', { state: 'failed' })])).toBe('4 done, 1 failed')
  })
})

it('a name can’t be written to look like another one', () => {
  expect(visibleName('gpj.\u202esrotensefas')).toBe('gpj.⟨U+202E⟩srotensefas')
  expect(visibleName('a\nb\u200b\u2066c')).toBe('a⟨U+000A⟩b⟨U+200B⟩⟨U+2066⟩c')
  expect(visibleName('Modèle 模型 <b>.safetensors')).toBe('Modèle 模型 <b>.safetensors')
})

it('the time that is left is told in the unit that fits', () => {
  expect([0.2, 59, 60, 5399, 5400].map(formatTimeLeft)).toEqual([
    '1 s left',
    '59 s left',
    '1 min left',
    '90 min left',
    '2 h left',
  ])
})

describe('an address of the page', () => {
  it('leads back to the folder that it was made from', () => {
    for (const path of ['', 'models', 'models/100 % #1?/a&b', 'ü/模型'])
      expect(readPlace(folderHref(path))).toEqual({ view: 'files', path })
  })

  it('is the downloads where it names nothing', () => {
    for (const hash of ['', '#', '#/', '#/downloads', '#/nowhere/else'])
      expect(readPlace(hash)).toEqual({ view: 'downloads' })
    expect(readPlace('#/session')).toEqual({ view: 'session' })
    expect(readPlace('#/files/%E0%A4%A')).toEqual({ view: 'files', path: '' })
  })
})
