import { type FormFault, orRefuse, submitted } from './guard'
import type { Api } from './trpc/router'

type Publication = Parameters<Api['models']['publish']>[0]
type Workflow = Publication['workflow']

/** What the pages that publish send: JSON, since no form has fields enough for a workflow. */
export type Sent = { intent: 'read'; workflow: Workflow } | ({ intent: 'publish' } & Publication)

export interface ModelAnswer {
  fault?: FormFault
  /** What a workflow offers. */
  reading?: Awaited<ReturnType<Api['models']['read']>>
  /** What was published. */
  published?: { id: string; version: number }
  /** What was changed, in a sentence. */
  told?: string
}

/** Whether a page sends JSON rather than one of its plain forms. */
export const isJson = (request: Request): boolean =>
  request.headers.get('content-type')?.startsWith('application/json') ?? false

/** The sizes that a model can name. */
export const sizesForModels = async ({ machines }: Api) =>
  (await orRefuse(machines.options())).sizes.filter(({ kinds }) => !kinds || kinds.includes('comfyui'))

/** A model of the user's own. @throws Response 404 for any other */
export async function ownModel({ models }: Api, id: string | null) {
  const model = await orRefuse(models.get({ id: (id ?? '').slice(0, 200) }))
  if (!model.isOwn) throw new Response('There is no such model.', { status: 404 })
  return model
}

/** What an author's page sent. @throws Response when it is no JSON object */
export async function sentBy(request: Request): Promise<Sent> {
  const sent: unknown = await request.json().catch(() => undefined)
  if (typeof sent === 'object' && sent !== null) return sent as Sent
  throw new Response('Send a JSON object.', { status: 400 })
}

/**
 * Reads a workflow or publishes one, as its author's page asks; the procedures' schemas decide whether it may.
 * @param id the model that the page is about, whatever it sends
 */
export async function modelAction({ models }: Api, sent: Sent, id?: string): Promise<ModelAnswer> {
  if (sent.intent === 'read') {
    const { fault, done } = await submitted(models.read({ workflow: sent.workflow }))
    return fault ? { fault } : { reading: done }
  }
  const { intent: _intent, ...publication } = sent
  const { fault, done } = await submitted(models.publish(id ? { ...publication, id } : publication))
  return fault ? { fault } : { published: done }
}

/** Why nothing new can be published under an id: one's own model would get another version unasked. */
export async function takenFault({ models }: Api, id: unknown): Promise<FormFault | undefined> {
  const own = typeof id === 'string' ? await orRefuse(models.own({ id: id.slice(0, 200) })) : null
  if (!own) return undefined
  if (own.isWithdrawn)
    return {
      field: 'id',
      message:
        'You withdrew a model of this name. Publish it again with the command line, or choose another name.',
    }
  return { field: 'id', message: 'You have a model of this name. Change that one, or choose another name.' }
}

/** Changes what needs no new version: who may call a model, which version, and whether at all. */
export async function settingsAction(
  { models }: Api,
  id: string,
  { intent, visibility, version }: Record<string, string>,
): Promise<ModelAnswer> {
  const answer = async (work: Promise<unknown>, told: string) => {
    const { fault } = await submitted(work)
    return fault ? { fault } : { told }
  }
  if (intent === 'withdraw') return answer(models.withdraw({ id }), `${id} is withdrawn.`)
  if (intent === 'call')
    return answer(
      models.change({ id, version: Number(version) }),
      `Version ${version} is in use from now on.`,
    )
  const change = { id, visibility: visibility as Publication['visibility'] }
  return answer(models.change(change), 'Saved.')
}
