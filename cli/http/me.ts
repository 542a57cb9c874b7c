import type { Login } from '../credentials/find'
import { textOf } from './answer'
import { askFor, bodyOf } from './ask'
import { noSlipway } from './refusals'
import type { Fetch } from './reply'

/** The six fields of `GET /api/auth/me`, all but `id` optional there. */
export interface Me {
  id: string
  email: string | null
  display_name: string | null
  username: string | null
  token_type: string | null
  token_created_at: string | null
}

/** @throws CliError */
export async function askForMe(fetch: Fetch, login: Login): Promise<Me> {
  const answer = await askFor(fetch, `${login.server}/api/auth/me`, {
    headers: { authorization: `Bearer ${login.token}` },
  })
  const body = bodyOf(answer, login)
  const id = textOf(body, 'id')
  if (!id) throw noSlipway(answer, login.server)
  const optional = (name: string) => textOf(body, name) ?? null
  return {
    id,
    email: optional('email'),
    display_name: optional('display_name'),
    username: optional('username'),
    token_type: optional('token_type'),
    token_created_at: optional('token_created_at'),
  }
}

/** What people know themselves by. */
export const labelOf = ({ email, display_name, username, id }: Me): string =>
  email ?? display_name ?? username ?? id
