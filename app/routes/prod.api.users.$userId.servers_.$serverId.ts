import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node'
import { wrongMethod } from '../json-answer'
import { answerUser } from '../servers/of-user'
import { findServer, serverView } from '../servers/server'

export const loader = (args: LoaderFunctionArgs) =>
  answerUser(args, async (userId) =>
    serverView(await findServer(args.context.api, args.params.serverId), userId),
  )

/** Stops it and answers what has become of it. Its files stay, so nothing is lost by a script that tidies up. */
export async function action(args: ActionFunctionArgs) {
  const { context, params, request } = args
  if (request.method !== 'DELETE') return wrongMethod('GET', 'DELETE')
  return answerUser(args, async (userId) => {
    const { id } = await findServer(context.api, params.serverId)
    await context.api.machines.stop({ id })
    return serverView(await context.api.machines.get({ id }), userId)
  })
}
