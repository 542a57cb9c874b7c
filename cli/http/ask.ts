import { type Answer, readAnswer, textOf } from './answer'
import { networkFault } from './network-faults'
import { type Asked, noSlipway, refusal } from './refusals'
import type { Fetch } from './reply'

/** One request of what the server has besides its procedures. @throws CliError when there is no whole answer */
export async function askFor(fetch: Fetch, url: string, init?: Parameters<Fetch>[1]): Promise<Answer> {
  const response = await fetch(url, init)
  try {
    return await readAnswer(response)
  } catch (error) {
    throw (await networkFault(error, url)) ?? error
  }
}

/** @throws CliError when it was refused, or comes from something else than a Slipway server */
export function bodyOf(answer: Answer, asked: Asked): object {
  const { status, body } = answer
  if (typeof body !== 'object' || body === null) throw noSlipway(answer, asked.server)
  if (status < 400) return body
  const message = textOf(body, 'error_description') ?? textOf(body, 'error') ?? textOf(body, 'message')
  throw refusal({ ...answer, message }, asked)
}
