import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { docsImage, PLACES } from '~/screenshots/table'
import { PAGES } from './markdown'

const FOLDER = 'docs/images'
const BYTES_MAX = 150_000

const named = PAGES.flatMap(({ path, text }) =>
  [...text.matchAll(/(?:!\[[^\]]*\]\(|\b(?:src|srcset)=")([^)"]+\.png)/g)].map(([, image = '']) =>
    join(dirname(path), image),
  ),
)
const taken = PLACES.flatMap((place) => (place.docs?.schemes ?? []).map((scheme) => docsImage(place, scheme)))

it('the pages show exactly the pictures that the screenshots take for them', () => {
  expect([...new Set(named)].sort()).toEqual(taken.map((name) => join(FOLDER, name)).sort())
})

it('every picture of the documentation is there, small, and taken by the screenshots', () => {
  const kept = readdirSync(FOLDER)
  expect(kept.sort()).toEqual([...taken].sort())
  for (const name of kept)
    expect([basename(name), statSync(join(FOLDER, name)).size < BYTES_MAX]).toEqual([name, true])
})

it('no two pages of the screenshots share a name', () => {
  expect(new Set(PLACES.map(({ name }) => name)).size).toBe(PLACES.length)
})
