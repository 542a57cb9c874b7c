import { readFileSync } from 'node:fs'
import { chooseUsername } from '~/db/users'
import { SOMEBODY } from '../support/actors'
import type { Site } from './site'

/** A small workflow as ComfyUI exports it, or in the editor's own format. */
export const workflowFile = (name: 'text-to-image' | 'editor-format') =>
  JSON.parse(readFileSync(new URL(`../workflows/fixtures/${name}.json`, import.meta.url), 'utf8'))

const DEFINITION = {
  title: 'Portrait',
  categories: ['text-to-image'],
  inputs: [{ name: 'prompt', title: 'Prompt', type: 'text', required: true, node: '6', field: 'text' }],
  outputs: [{ name: 'images', title: 'Images', node: '9' }],
}

/** What the page that publishes sends. */
export const publication = (id: string, definition: object = {}) => ({
  intent: 'publish',
  id,
  visibility: 'private',
  workflow: workflowFile('text-to-image'),
  definition: { ...DEFINITION, ...definition },
})

/** An author with a username and a browser, and what its page is answered. */
export function author({ db, clock, member, signedIn }: Site, user = member, username = 'mo') {
  chooseUsername(db, user.id, username, SOMEBODY, clock)
  const browser = signedIn(user)
  return {
    browser,
    /** As the form sends it; the answer is the text of Remix's own format, or a redirect. */
    send: (body: object, path = '/models/new') =>
      browser.ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    publish: (id: string, definition?: object, more: object = {}) =>
      browser.mutate('models.publish', { ...withoutIntent(publication(id, definition)), ...more }),
  }
}

const withoutIntent = ({ intent: _intent, ...rest }: ReturnType<typeof publication>) => rest
