import type { ServerResponse } from 'node:http'
import type { HubRepo } from './hub-content'

interface Visitor {
  token: string | undefined
  /** Fine-grained without the box for gated repositories. */
  lacksGatedRead: boolean
}

export const refuse = (response: ServerResponse, status: number, code: string, message: string): true => {
  response.writeHead(status, { 'X-Error-Code': code, 'X-Error-Message': message }).end()
  return true
}

/** Answers whom the repository is not shown to at all. @returns whether it did */
export function turnAway(response: ServerResponse, repo: HubRepo | undefined, { token }: Visitor): boolean {
  const isAllowed = token !== undefined && !!repo?.allowed?.includes(token)
  if (!repo || (repo.private && !isAllowed))
    return refuse(response, token ? 404 : 401, 'RepoNotFound', 'Repository not found')
  return repo.disabled ? refuse(response, 403, '', 'Access to this resource is disabled.') : false
}

/** Answers whom the gate keeps out. @returns whether it did */
export function keepOut(response: ServerResponse, name: string, repo: HubRepo, visitor: Visitor): boolean {
  const { token, lacksGatedRead } = visitor
  const restricted = `Access to model ${name} is restricted`
  if (!repo.gated) return false
  if (token === undefined)
    return refuse(response, 401, 'GatedRepo', `${restricted}. You must be authenticated to access it.`)
  if (lacksGatedRead)
    return refuse(
      response,
      403,
      'GatedRepo',
      'Please enable access to public gated repositories in your fine-grained token settings',
    )
  if (!repo.allowed?.includes(token))
    return refuse(response, 403, 'GatedRepo', `${restricted} and you are not in the authorized list.`)
  return false
}
