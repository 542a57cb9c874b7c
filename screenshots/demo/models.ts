import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { publishModel } from '~/db/model-publications'
import { moveRequest } from '~/db/model-request-states'
import { createModelRequest } from '~/db/model-requests'
import { resultFiles } from '~/db/schema'
import { resultFile } from '~/result-files'
import type { ModelDefinition } from '~/workflows/definition'
import { days, hours, minutesAgo } from '../moments'
import type { Place } from '.'
import { actor, at, type People } from './people'

const WORKFLOW = {
  3: { class_type: 'KSampler', inputs: { seed: 1, steps: 20, sampler_name: 'euler', tiled: false } },
  4: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'flux1-dev-fp8.safetensors' } },
  6: { class_type: 'CLIPTextEncode', inputs: { text: 'a lighthouse' } },
  9: { class_type: 'SaveImage', inputs: { filename_prefix: 'lighthouse' } },
  10: { class_type: 'LoadImage', inputs: { image: 'in.png' } },
}
const PROMPT = {
  name: 'prompt',
  title: 'Prompt',
  type: 'text',
  required: true,
  node: '6',
  field: 'text',
} as const
const LIGHTHOUSE: ModelDefinition = {
  title: 'Lighthouse at dusk',
  description:
    'Draws coasts in the evening, with a lighthouse that shines.\nTakes a reference picture for its style.',
  categories: ['text-to-image'],
  inputs: [
    { ...PROMPT, description: 'What is to be seen besides the lighthouse.' },
    { name: 'seed', title: 'Seed', type: 'seed', required: false, node: '3', field: 'seed' },
    {
      ...{ name: 'steps', title: 'Steps', type: 'integer', required: false, node: '3', field: 'steps' },
      ...{ minimum: 1, maximum: 50, default: 20, description: 'More take longer and draw more detail.' },
    },
    {
      ...{ name: 'sampler', title: 'Sampler', type: 'choice', required: false, node: '3' },
      ...{ field: 'sampler_name', choices: ['euler', 'heun', 'dpmpp_2m'], default: 'euler' },
    },
    {
      name: 'picture',
      title: 'Reference picture',
      type: 'image',
      required: false,
      node: '10',
      field: 'image',
    },
  ],
  outputs: [{ name: 'images', title: 'Pictures', node: '9' }],
  sources: [],
}
const simple = (title: string, description: string, categories: string[]): ModelDefinition => ({
  ...LIGHTHOUSE,
  ...{ title, description, categories, inputs: [PROMPT] },
})

/** Models of two authors, and calls of one of them in every state. */
export function fillModels({ db, dataDir }: Place, { ada, mo }: People, machineId: string, picture: Buffer) {
  const publish = (user: typeof ada, id: string, definition: ModelDefinition, since: number, mine = false) =>
    publishModel(
      db,
      { userId: user.id, id, visibility: mine ? 'private' : 'everyone', workflow: WORKFLOW, definition },
      actor(user),
      at(since),
    )
  publish(ada, 'ada/lighthouse', { ...LIGHTHOUSE, title: 'Lighthouse' }, days(14))
  publish(ada, 'ada/lighthouse', LIGHTHOUSE, days(2))
  publish(
    ada,
    'ada/portrait',
    simple('Portrait in oil', 'Heads and shoulders, painted.', ['text-to-image']),
    days(6),
    true,
  )
  publish(
    mo,
    'mo/upscale',
    simple('Upscale four times', 'Makes small pictures large, with detail that fits.', ['upscaling']),
    days(11),
  )
  publish(
    mo,
    'mo/product-shot',
    simple('Product shot', 'Puts an object before a plain backdrop, lit from the left.', ['image-to-image']),
    days(4),
  )

  const call = (prompt: string, since: number, seed: number) => {
    const inputs = { prompt, seed, steps: 20, sampler: 'euler' }
    const given = { userId: ada.id, modelId: 'ada/lighthouse', version: 2, inputs, given: inputs }
    return createModelRequest(db, given, { queuedMax: 100, limits: {}, clock: at(since) }).id
  }
  const begin = (id: string, since: number, set: object = {}) =>
    moveRequest(db, id, {
      from: ['in_queue'],
      to: 'in_progress',
      guard: undefined,
      set: { stage: 'running', startedAt: minutesAgo(since), machineId, machineAttempt: 1, ...set },
    })
  const end = (id: string, to: 'completed' | 'failed' | 'cancelled', since: number, set: object = {}) =>
    moveRequest(db, id, {
      from: ['in_progress'],
      to,
      guard: undefined,
      set: { stage: null, progress: null, progressText: null, endedAt: minutesAgo(since), ...set },
    })
  const complete = (prompt: string, since: number, seed: number) => {
    const id = call(prompt, since, seed)
    begin(id, since - 0.1)
    const path = resultFile(dataDir, { userId: ada.id, requestId: id, position: 0 })
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, picture)
    const file = {
      output: 'images',
      name: 'lighthouse_00001_.png',
      mediaType: 'image/png',
      bytes: picture.length,
    }
    db.insert(resultFiles)
      .values({ requestId: id, position: 0, ...file })
      .run()
    end(id, 'completed', since - 0.8)
    return id
  }
  const cancelled = call('A harbour in fog', hours(30), 7)
  begin(cancelled, hours(30))
  end(cancelled, 'cancelled', hours(30) - 1)
  complete('Cliffs, gulls, and a storm that has passed', hours(26), 90210)
  const failed = call('A very large panorama of the whole coast', hours(3), 11)
  begin(failed, hours(3) - 1)
  end(failed, 'failed', hours(3) - 2, {
    errorClass: 'node_failed',
    errorMessage: 'The node KSampler failed: Allocation on device 0 would exceed allowed memory.',
  })
  const completed = complete('Calm sea after sunset, the first star', 22, 156680)
  const running = call('Snow on the rocks, the lamp just lit', 1, 4242)
  begin(running, 0.6, { progress: 0.55, progressText: 'KSampler, step 11 of 20' })
  return { completed, failed, running }
}
