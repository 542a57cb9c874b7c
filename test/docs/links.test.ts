import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { anchorsOf, linksOf, PAGES } from './markdown'

it('every link between pages leads to a file that is there, and to one of its headings', () => {
  const broken = PAGES.flatMap(({ path, text }) =>
    linksOf(text)
      .filter(({ path: to, anchor }) => !leadsSomewhere(to ? join(dirname(path), to) : path, anchor))
      .map((link) => `${path}: ${link.path}${link.anchor ? `#${link.anchor}` : ''}`),
  )
  expect(broken).toEqual([])
})

const leadsSomewhere = (file: string, anchor: string | undefined) =>
  existsSync(file) && (anchor === undefined || anchorsOf(readFileSync(file, 'utf8')).includes(anchor))
