import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { callLines, exampleInputs } from '~/app/components/model-page/call-lines'

const HOSTILE = `It's "quoted"\n$(touch /tmp/x) \`id\` \\' ! ’ 🙂`
const MODEL = {
  id: 'mo/one',
  callUrl: 'https://slipway.test/base/v1/models/mo/one',
  inputs: [
    { name: 'prompt', title: 'Prompt', type: 'text' as const, required: true, default: HOSTILE },
    { name: 'style', title: 'Style', type: 'choice' as const, required: true, choices: ["d'or"] },
    { name: 'steps', title: 'Steps', type: 'integer' as const, required: true, minimum: 4 },
    { name: 'picture', title: 'Picture', type: 'image' as const, required: true },
    { name: 'seed', title: 'Seed', type: 'seed' as const, required: false },
  ],
}

/** What a shell hands to the programs of these lines, one list a call. */
function asRun(text: string): string[][] {
  const programs = ['curl', 'runcomfy'].map((name) => `${name}() { printf '%s\\0' "$@"; printf '\\0\\0'; }`)
  const env = { ...process.env, RUNCOMFY_TOKEN: 'T' }
  return execFileSync('sh', ['-c', [...programs, text].join('\n')], { env, encoding: 'utf8' })
    .split('\0\0\0')
    .filter(Boolean)
    .map((call) => call.split('\0'))
}

const textOf = (name: string) => callLines(MODEL).find((way) => way.name === name)?.text ?? ''

it('a shell reads the lines as they are meant, whatever a default holds', () => {
  const inputs = { prompt: HOSTILE, style: "d'or", steps: 4, picture: 'https://example.com/picture.png' }
  expect(exampleInputs(MODEL)).toEqual(inputs)
  expect(asRun(textOf('runcomfy'))).toEqual([['run', 'mo/one', '--input', JSON.stringify(inputs)]])
  const token = ['-H', 'Authorization: Bearer T']
  const request = 'https://slipway.test/base/v1/requests/REQUEST_ID'
  expect(asRun(textOf('curl'))).toEqual([
    [MODEL.callUrl, ...token, ...['-H', 'Content-Type: application/json', '-d', JSON.stringify(inputs)]],
    [...token, `${request}/status`],
    [...token, `${request}/result`],
  ])
})

it('a model that needs nothing is called with nothing', () => {
  expect(exampleInputs({ inputs: MODEL.inputs.slice(-1) })).toEqual({})
})
