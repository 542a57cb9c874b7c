import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { moveRequest } from '~/db/model-request-states'
import type { ModelVisibility, RequestStatus } from '~/db/schema'
import { resultFiles } from '~/db/schema'
import type { User } from '~/db/users'
import { resultFile } from '~/result-files'
import { type Site, startSite } from './site'
import { dataOf, type Visitor } from './visitor'

export const WORKFLOW = {
  '3': { class_type: 'KSampler', inputs: { seed: 1, steps: 20, cfg: 7.5, model: ['4', 0] } },
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sd15.safetensors' } },
  '6': { class_type: 'CLIPTextEncode', inputs: { text: 'a cat', clip: ['4', 1] } },
  '9': { class_type: 'SaveImage', inputs: { filename_prefix: 'out', images: ['3', 0] } },
  '10': { class_type: 'LoadImage', inputs: { image: 'in.png' } },
}

export const DEFINITION = {
  title: 'Cats',
  description: 'Draws cats.',
  categories: ['text-to-image'],
  inputs: [
    { name: 'prompt', title: 'Prompt', type: 'text', required: true, node: '6', field: 'text' },
    { name: 'seed', title: 'Seed', type: 'seed', node: '3', field: 'seed' },
    {
      ...{ name: 'steps', title: 'Steps', type: 'integer', node: '3', field: 'steps' },
      ...{ minimum: 1, maximum: 50, default: 30, required: true },
    },
    { name: 'image', title: 'Picture', type: 'image', node: '10', field: 'image' },
  ],
  outputs: [{ name: 'images', title: 'Pictures', node: '9' }],
}

type Stored = Pick<Site, 'db' | 'clock' | 'dataDir'>

interface Publication {
  id?: string
  visibility?: ModelVisibility
  workflow?: unknown
  definition?: object
}

/** A site whose two users have usernames, `ada` (an administrator) and `mo`, and may launch. */
export async function modelSite({ env = {} as Record<string, string> } = {}) {
  const site = await startSite({ env: { ALLOW_UNISOLATED: '1', ...env } })
  const ada = site.signedIn(site.admin)
  const mo = site.signedIn(site.member)
  await ada.mutate('account.chooseUsername', { username: 'ada' })
  await mo.mutate('account.chooseUsername', { username: 'mo' })
  const publish = (by: Visitor, { id = 'ada/cats', definition, ...rest }: Publication = {}) =>
    by.mutate('models.publish', {
      ...{ id, workflow: WORKFLOW, ...rest },
      definition: { ...DEFINITION, ...definition },
    })
  return {
    ...site,
    ada,
    mo,
    publish,
    /** Queues a call of a model and answers the id of its request. */
    call: async (by: Visitor, modelId = 'ada/cats', inputs: object = { prompt: 'a dog' }) =>
      dataOf<{ id: string }>(await by.mutate('modelRequests.create', { modelId, inputs })).id,
  }
}

const END = { stage: null, progress: null, progressText: null, leaseUntil: 0 }

/** What a worker writes of a request that it begins. */
export const begin = ({ db, clock }: Stored, id: string, set: object = {}) =>
  moveRequest(db, id, {
    from: ['in_queue'],
    to: 'in_progress',
    guard: undefined,
    set: { stage: 'running', startedAt: clock(), ...set },
  })

/** What a worker writes of a request that has ended. */
export const end = ({ db, clock }: Stored, id: string, to: RequestStatus = 'completed', set: object = {}) =>
  moveRequest(db, id, {
    from: ['in_progress'],
    to,
    guard: undefined,
    set: { ...END, endedAt: clock(), ...set },
  })

interface Result {
  name: string
  mediaType?: string
  content?: string | Buffer
  output?: string
}

/** A request of the user's that has come out with these files. */
export function complete(site: Stored, user: User, id: string, files: Result[], set: object = {}) {
  begin(site, id)
  files.forEach(({ name, mediaType = 'image/png', content = 'PNG', output = 'images' }, position) => {
    const path = resultFile(site.dataDir, { userId: user.id, requestId: id, position })
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    const row = { requestId: id, position, output, name, mediaType, bytes: Buffer.byteLength(content) }
    site.db.insert(resultFiles).values(row).run()
  })
  end(site, id, 'completed', set)
  return files.map(({ name }, position) => `/v1/requests/${id}/files/${position}/${encodeURIComponent(name)}`)
}
