import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const css = readFileSync('app/styles.css', 'utf8')
const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)')
const colours = (text: string) =>
  new Map(
    [...text.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6});/g)].map(([, name = '', hex = '']) => [name, hex]),
  )
const SCHEMES = [
  ['light', colours(light)],
  ['dark', colours(dark)],
] as const

const SURFACES = ['canvas', 'surface', 'sunken']
const TONES = ['accent', 'success', 'warning', 'danger']
const on = (colour: string, backgrounds: string[]) => backgrounds.map((background) => [colour, background])
/** A colour and what it is read on. */
const TEXT = [
  ...on('text', [...SURFACES, ...TONES.map((tone) => `${tone}-soft`)]),
  ...on('muted', [...SURFACES, ...TONES.map((tone) => `${tone}-soft`)]),
  ...TONES.flatMap((tone) => on(tone, [...SURFACES, `${tone}-soft`])),
  ...on('on-accent', ['accent', 'accent-strong']),
  ...on('on-danger', ['danger', 'danger-strong']),
  // The tooltip.
  ...on('surface', ['text']),
]
/** What need only be made out: the borders of controls, the focus ring, charts. */
const GRAPHICS = [
  ...['control', 'accent'].flatMap((colour) => on(colour, SURFACES)),
  ...[1, 2, 3, 4].flatMap((n) => on(`chart-${n}`, SURFACES)),
]

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(one: string, other: string): number {
  const [more = 0, less = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (more + 0.05) / (less + 0.05)
}

describe.each(SCHEMES)('in the %s scheme', (_name, all) => {
  const tooFaint = (pairs: string[][], atLeast: number) =>
    pairs.filter(([one = '', other = '']) => !(contrast(all.get(one) ?? '', all.get(other) ?? '') >= atLeast))

  it('text can be read on whatever it stands on (AA)', () => expect(tooFaint(TEXT, 4.5)).toEqual([]))

  it('borders of controls, focus and charts can be made out (AA)', () =>
    expect(tooFaint(GRAPHICS, 3)).toEqual([]))
})

it('both schemes have the same colours, and each has a class', () => {
  const [[, ofLight], [, ofDark]] = SCHEMES
  expect([...ofDark.keys()]).toEqual([...ofLight.keys()])
  for (const name of ofLight.keys()) expect(css).toContain(`--color-${name}: var(--${name});`)
})

/** A class of a size, whatever it holds for. */
const SIZED = /^(?:.*:)?(text|shadow|rounded)(?:-[trbl]{1,2})?-(xs|sm|md|base|lg|\d?xl)\b/

it('sizes, corners and shadows of pages are on the scale', () => {
  const used = new Set<string>()
  for (const folder of ['app', 'filebrowser/page'])
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!path.endsWith('.tsx')) continue
      for (const word of readFileSync(join(folder, path), 'utf8').split(/[\s'"`]+/)) {
        const [, what, size] = SIZED.exec(word) ?? []
        if (what) used.add(`--${what.replace('rounded', 'radius')}-${size}`)
      }
    }
  expect([...used].filter((name) => !css.includes(`  ${name}: `))).toEqual([])
  expect(used.size).toBeGreaterThan(8)
})
