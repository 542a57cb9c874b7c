import { expect, it, test } from 'vitest'
import { startSite } from './site'
import { refusalOf } from './visitor'

test.each([
  ['machines.stop', '{}', 'id', 'id: is missing'],
  ['machines.stop', '{"id":7}', 'id', 'id: must be of the type string'],
  ['providerTokens.save', '{"provider":"huggingface"}', 'token', 'token: is missing'],
  [
    'providerTokens.save',
    '{"provider":"other","token":"x"}',
    'provider',
    'provider: must be one of huggingface, civitai',
  ],
  [
    'apiTokens.create',
    '{"name":"CI","scopes":["read"],"expiresInDays":"soon"}',
    'expiresInDays',
    'must be a number of days',
  ],
  ['machines.stop', '[]', undefined, 'Send the input as a JSON object'],
  ['machines.stop', '"x"', undefined, 'Send the input as a JSON object'],
  ['machines.stop', '', undefined, 'Send the input as a JSON object'],
  ['machines.stop', '{"id":', undefined, 'Send the input as JSON; this is none.'],
])('%s with %s names the field and the cure', async (procedure, body, field, sentence) => {
  const { admin, signedIn } = await startSite()
  const headers = { 'content-type': 'application/json' }
  const answer = await signedIn(admin).ask(`/trpc/${procedure}`, { method: 'POST', headers, body })
  const { message, data } = refusalOf(answer)
  expect([answer.status, message, data.field]).toEqual([400, expect.stringContaining(sentence), field])
})

it('a query without its input says the same', async () => {
  const { admin, signedIn } = await startSite()
  const { message } = refusalOf(await signedIn(admin).query('machines.get'))
  expect(message).toBe('Send the input as a JSON object, with the fields that it needs.')
})
