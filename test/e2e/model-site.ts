import { eq } from 'drizzle-orm'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { publishModel } from '~/db/model-publications'
import type { ModelRequest } from '~/db/model-request-states'
import { getRequestInputs } from '~/db/model-requests'
import { modelRequests, users } from '~/db/schema'
import type { ModelDefinition } from '~/workflows/definition'
import { SOMEBODY } from '../support/actors'
import { startBrowser } from '../support/browser'
import { freePort } from '../support/free-port'
import { type Site, startSite } from '../web/site'

export const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
/** A tenth of a second of silence. */
export const SOUND = Buffer.concat([
  Buffer.from(
    '524946464403000057415645666d74201000000001000100401f0000401f0000010008006461746120030000',
    'hex',
  ),
  Buffer.alloc(800, 128),
])
export const MODEL_ID = 'ada/lighthouses/v1.5'

const WORKFLOW = {
  3: { class_type: 'KSampler', inputs: { seed: 1, steps: 20, sampler_name: 'euler', tiled: false } },
  6: { class_type: 'CLIPTextEncode', inputs: { text: 'a lighthouse' } },
  9: { class_type: 'SaveImage', inputs: { filename_prefix: 'out' } },
  10: { class_type: 'LoadImage', inputs: { image: 'in.png' } },
}

const DEFINITION: ModelDefinition = {
  title: 'Lighthouses <b>at dusk</b>',
  description: 'Draws them.\nOne at a time.',
  categories: ['text-to-image'],
  inputs: [
    { name: 'prompt', title: 'Prompt', type: 'text', required: true, node: '6', field: 'text' },
    { name: 'seed', title: 'Seed', type: 'seed', required: false, node: '3', field: 'seed' },
    {
      ...{ name: 'steps', title: 'Steps', type: 'integer', required: false, node: '3', field: 'steps' },
      ...{ minimum: 1, maximum: 50, default: 30, description: 'How often it looks again.' },
    },
    {
      ...{ name: 'sampler', title: 'Sampler', type: 'choice', required: false, node: '3' },
      ...{ field: 'sampler_name', choices: ['euler', 'heun'], default: 'heun' },
    },
    {
      ...{ name: 'tiled', title: 'Tiled', type: 'boolean', required: false, node: '3', field: 'tiled' },
      default: false,
    },
    { name: 'picture', title: 'Picture', type: 'image', required: false, node: '10', field: 'image' },
  ],
  outputs: [{ name: 'images', title: 'Pictures', node: '9' }],
  sources: [],
}

/** The web side with a published model, and a real browser; no worker but what a test writes in its place. */
export function openModelSite() {
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser?.close())

  /** A site and a browser of its own, signed in as its administrator. */
  return async function withModel(
    work: (page: Page, site: ModelSite) => Promise<void>,
    options: BrowserContextOptions = {},
  ) {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const site = await startSite({ port, env: { PUBLIC_URL: url } })
    const { db, admin, clock } = site
    db.update(users).set({ username: 'ada' }).where(eq(users.id, admin.id)).run()
    publishModel(
      db,
      { userId: admin.id, id: MODEL_ID, workflow: WORKFLOW, definition: DEFINITION },
      SOMEBODY,
      clock,
    )
    const [name = '', value = ''] = site.signedIn(admin).cookie?.split('=') ?? []
    const context = await browser.newContext({ baseURL: url, ...options })
    context.setDefaultTimeout(15_000)
    try {
      await context.addCookies([{ name, value, url }])
      await work(await context.newPage(), {
        ...site,
        requests: () =>
          db
            .select()
            .from(modelRequests)
            .orderBy(modelRequests.createdAt)
            .all()
            .map((request) => ({ ...request, inputs: getRequestInputs(db, request.userId, request.id) })),
      })
    } finally {
      await context.close()
    }
  }
}

export interface ModelSite extends Site {
  /** The oldest first. */
  requests(): (ModelRequest & { inputs: Record<string, unknown> | null })[]
}
