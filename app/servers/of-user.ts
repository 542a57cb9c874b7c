import type { AppLoadContext } from '@remix-run/node'
import { jsonAnswer, jsonRefusal, unauthorized } from '../json-answer'

interface Asked {
  context: AppLoadContext
  params: { userId?: string }
}

/**
 * Answers a program that asks for what belongs to the user in its path: by API token alone, and only that of the
 * very user, by id or username.
 * @param answer given the user's id, makes the JSON of the answer; may throw a Response of its own
 */
export async function answerUser(
  { context, params }: Asked,
  answer: (userId: string) => Promise<object>,
): Promise<Response> {
  try {
    const { id, username, token } = await context.api.account.whoami()
    if (!token) return unauthorized('Send an API token: Authorization: Bearer slipway_…')
    if (params.userId !== id && params.userId !== username)
      return jsonAnswer({ error: 'There is no such user, or this API token is not theirs.' }, 404)
    return jsonAnswer(await answer(id))
  } catch (error) {
    if (error instanceof Response) return error
    return jsonRefusal(error)
  }
}
