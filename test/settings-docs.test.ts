import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parseSettings } from '~/env'
import { PROVIDER_PREFIX, SETTING_GROUPS } from '~/settings-reference'

const settings = SETTING_GROUPS.flatMap((group) => group.settings)
const names = settings.map(({ name }) => name.replace(PROVIDER_PREFIX, 'OIDC_GOOGLE_'))

const cell = (text: string) => text.replaceAll('|', '\\|')

/** docs/settings.md: `npm run settings-docs` writes it. */
const page = () =>
  [
    '# Settings',
    'Slipway reads its settings from the environment and from `.env` beside `package.json`; the environment wins. All have defaults, and faulty ones are named, all at once, before anything starts. _Admin → Settings_ shows which hold on a server and where each came from. The values of those marked as secret are never shown there.',
    'This page is made of the settings’ schemas by `npm run settings-docs`.',
    ...SETTING_GROUPS.flatMap(({ title, settings }) => [
      `## ${title}`,
      [
        '| setting | takes | default | |',
        '| --- | --- | --- | --- |',
        ...settings.map(
          ({ name, takes, fallback, description, isSecret }) =>
            `| \`${name}\` | ${cell(takes)} | ${cell(fallback ?? '')} | ${cell(description)}${isSecret ? ' Secret.' : ''} |`,
        ),
      ].join('\n'),
    ]),
  ].join('\n\n')

it('docs/settings.md says what the schemas say; npm run settings-docs writes it anew', async () => {
  await expect(`${page()}\n`).toMatchFileSnapshot('../docs/settings.md')
})

it('every setting that is read is in the reference, with what it is for', () => {
  const given = {
    OIDC_PROVIDERS: 'google',
    OIDC_GOOGLE_ISSUER: 'https://a.example',
    OIDC_GOOGLE_CLIENT_ID: 'a',
  }
  const read = new Set<string>()
  const source = new Proxy<Record<string, string>>(given, {
    get(target, name: string) {
      read.add(name)
      return target[name]
    },
  })
  parseSettings(source)
  expect([...read].sort()).toEqual([...names].sort())
  expect(settings.filter(({ description }) => !description?.trim().endsWith('.'))).toEqual([])
})

it('.env.example names every setting', () => {
  const example = readFileSync('.env.example', 'utf8')
  expect(names.filter((name) => !new RegExp(`^#?${name}=`, 'm').test(example))).toEqual([])
})
