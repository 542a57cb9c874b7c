import { createHash, timingSafeEqual } from 'node:crypto'
import type { OAuthSettings, ResourceServer } from '../../oauth-settings'

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Who may take part, by the settings. Secrets go no further than this. */
export function openOAuth({ oauthClients, resourceServers }: OAuthSettings) {
  const names = new Map(oauthClients.map(({ id, name }) => [id, name]))
  const known = resourceServers.map(({ id, secret }) => ({ id, digest: digest(secret) }))
  return {
    /** @returns what people read of a client; undefined when there is none of this id */
    clientName: (id: string) => names.get(id),
    hasResourceServers: known.length > 0,
    isResourceServer({ id, secret }: ResourceServer): boolean {
      const given = digest(secret)
      return known.some((one) => one.id === id && timingSafeEqual(one.digest, given))
    },
  }
}

export type OAuthRegistry = ReturnType<typeof openOAuth>
