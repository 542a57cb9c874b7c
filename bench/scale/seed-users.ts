import { newId } from '~/db/ids'
import type { Keyring } from '~/db/keyring'
import { tokenContext } from '~/db/provider-tokens'
import { seal } from '~/db/sealing'
import { PROVIDER_IDS } from '~/providers/registry'
import type { Seeding } from './seed'

const DAY_MS = 24 * 60 * 60_000

/** Everybody, with both tokens saved. @returns their ids, the administrator first */
export function seedUsers(
  { into, now }: Pick<Seeding, 'into' | 'now'>,
  count: number,
  ring: Keyring,
): string[] {
  return Array.from({ length: count }, (_, n) => {
    const id = newId()
    const createdAt = now - 1000 * DAY_MS + n
    into.users({
      id,
      name: `User ${n}`,
      email: `user-${n}@example.org`,
      username: `user-${n}`,
      role: n === 0 ? 'admin' : 'member',
      createdAt,
      signedInAt: now,
    })
    for (const provider of PROVIDER_IDS)
      into.tokens({
        userId: id,
        provider,
        sealed: seal(ring, tokenContext(id, provider), `hf_${'b'.repeat(34)}`),
        keyId: ring[0].id,
        visible: 'hf_bbb',
        fingerprint: id,
        updatedAt: createdAt,
        checkDueAt: now + DAY_MS,
      })
    // Due, and unchanged: as it is with people who have launched nothing for a while.
    into.disk({ userId: id, workspaces: 1e9, measuredAt: now, dueAt: now })
    return id
  })
}
