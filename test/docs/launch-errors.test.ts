import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { LAUNCH_ERROR_GROUPS, LAUNCH_ERRORS } from '~/launch-errors'

const PAGE = 'docs/operators/operating.md'
const TABLE = /(?<=<!-- launch errors -->\n)[\s\S]*(?=<!-- \/launch errors -->)/

const RETRIES = { by_itself: 'by itself', may_help: 'yes', after_cure: 'after the cure' }

// `npx vitest run test/docs/launch-errors.test.ts -u` writes the table anew.
it('the operators’ guide has every class of failed launches with its cure, as the server says it', async () => {
  const rows = Object.values(LAUNCH_ERRORS).map(({ group, label, adminCure, retry }) => [
    LAUNCH_ERROR_GROUPS[group],
    label,
    adminCure,
    RETRIES[retry],
  ])
  const table = tableOf([['reason', 'class', 'cure', 'retry helps'], ...rows])
  const text = readFileSync(PAGE, 'utf8').replace(TABLE, () => `\n${table}\n\n`)
  await expect(text).toMatchFileSnapshot(`../../${PAGE}`)
})

const tableOf = ([head = [], ...rows]: string[][]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
