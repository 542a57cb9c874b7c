import { expect, test } from 'vitest'
import { refusal } from '~/cli/http/refusals'

const LACKS = 'This API token lacks the scope'

test.each([
  ['a login', `${LACKS} machines:write.`, ' Run: runcomfy login'],
  ['a login', `${LACKS} admin:read.`, ' Run: runcomfy login --admin'],
  ['a login', `${LACKS} admin:read. An administrator gets it with runcomfy login --admin.`, ''],
  ['a login', 'Only an administrator may do this.', ''],
  [
    'RUNCOMFY_TOKEN',
    `${LACKS} admin:read. An administrator gets it with runcomfy login --admin.`,
    ' The token came from RUNCOMFY_TOKEN: set another there, or unset it and run: runcomfy login --admin',
  ],
  ['RUNCOMFY_TOKEN', 'Only an administrator may do this.', ''],
])(
  'a cure for what is not allowed to %s is said once, and only where it helps: %s',
  (from, message, cure) => {
    const asked = {
      server: 'https://slipway.test',
      source: from === 'a login' ? '/home/ana/token.json' : from,
    }
    expect(refusal({ status: 403, headers: undefined, message }, asked).message).toBe(message + cure)
  },
)
