import { redirect } from '@remix-run/node'
import { type MachineKind, PROVIDER_IDS, type ProviderId } from '../providers/registry'
import { type FormFault, formText, orRefuse, submitted } from './guard'
import type { Api } from './trpc/router'

type Options = Awaited<ReturnType<Api['machines']['options']>>

/**
 * What a route needs to mount `ProviderTokenSection`, on whatever page:
 *
 *     export const loader = async ({ context: { api } }) =>
 *       loadProviderTokens(api, await orRefuse(api.machines.options()), 'trainer')
 *     export const action = async ({ context, request }) =>
 *       providerTokenAction(context.api, await request.formData(), '/trainer/settings')
 *     …
 *     <ProviderTokenSection {...useLoaderData<typeof loader>()} answer={useAnswer<typeof action>()} />
 */

/** @param kind leaves out the providers whose tokens this kind of machine never gets */
export async function loadProviderTokens(api: Api, { mayLaunch }: Options, kind?: MachineKind) {
  const tokens = await orRefuse(api.providerTokens.list())
  return {
    tokens: tokens.filter(({ kinds }) => kind === undefined || kinds.includes(kind)),
    mayRelaunch: mayLaunch,
  }
}

/** What a form of a row was answered, when the answer is not the page as it is now. */
export interface ProviderTokenAnswer {
  provider: ProviderId
  fault?: FormFault
  /** Why there is no new result of a check. */
  note?: string
  /** The machines that take over from those that were relaunched, with the token that is saved now. */
  relaunched?: string[]
  model?: Awaited<ReturnType<Api['providerTokens']['checkModel']>>
}

/**
 * Does what a form of the section asks for.
 * @param page where to go when it is done, so that reloading repeats nothing
 */
export async function providerTokenAction(
  { providerTokens, machines }: Api,
  form: FormData,
  page: string,
): Promise<ProviderTokenAnswer | Response> {
  const given = formText(form, 'provider')
  // The procedures refuse what is none; it is not repeated either, for it may be a token in the wrong place.
  const provider = PROVIDER_IDS.find((id) => id === given) ?? ('' as ProviderId)
  const done = <T>(
    work: Promise<T>,
    tell: (answer: T) => Partial<ProviderTokenAnswer> | undefined = () => undefined,
  ) =>
    submitted(work).then(({ fault, done }) => {
      const answer = fault ? { fault } : tell(done as T)
      return answer ? { provider, ...answer } : redirect(page)
    })

  switch (formText(form, 'intent')) {
    case 'clear':
      return done(providerTokens.clear({ provider }))
    case 'check':
      return done(providerTokens.check({ provider }), ({ message }) =>
        message ? { note: message } : undefined,
      )
    case 'check-model':
      return done(providerTokens.checkModel({ provider, model: formText(form, 'model') }), (model) => ({
        model,
      }))
    case 'relaunch':
      return done(machines.relaunch({ id: formText(form, 'id') }), ({ id }) => ({
        relaunched: [id],
      }))
    case 'relaunch-all':
      return done(providerTokens.relaunchHolders({ provider }), ({ machines }) => ({
        relaunched: machines.map(({ id }) => id),
      }))
    default: {
      const anyway = formText(form, 'intent') === 'save-anyway'
      return done(providerTokens.save({ provider, token: formText(form, 'token'), anyway }))
    }
  }
}
