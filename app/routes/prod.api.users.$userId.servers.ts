import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node'
import { badBody, jsonBody, wrongMethod } from '../json-answer'
import { answerUser } from '../servers/of-user'
import { isListed, serverView } from '../servers/server'
import { wantedServer } from '../servers/wanted-server'

export const loader = (args: LoaderFunctionArgs) =>
  answerUser(args, async (userId) =>
    (await args.context.api.machines.list()).filter(isListed).map((machine) => serverView(machine, userId)),
  )

/** Launches one and answers it at once. RunComfy's clients take no other status than 200. */
export async function action(args: ActionFunctionArgs) {
  const { context, request } = args
  if (request.method !== 'POST') return wrongMethod('GET', 'POST')
  return answerUser(args, async (userId) => {
    const { data: wanted, error: fault } = wantedServer.safeParse(await jsonBody(request))
    if (!wanted) throw badBody(fault)
    const idempotencyKey = request.headers.get('Idempotency-Key') ?? undefined
    const { id } = await context.api.machines.launch({ ...wanted, idempotencyKey })
    return serverView(await context.api.machines.get({ id }), userId)
  })
}
