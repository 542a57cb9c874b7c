import { eq } from 'drizzle-orm'
import { claimLaunch } from '~/db/machine-claims'
import { markRunning } from '~/db/machine-outcomes'
import { launchMachine } from '~/db/machine-requests'
import { recordTokens } from '~/db/machine-tokens'
import type { Db } from '~/db/open'
import { listProviderTokens } from '~/db/provider-tokens'
import { providerTokens } from '~/db/schema'
import { firstAdmin } from '~/db/users'
import { SOMEBODY } from '~/test/support/actors'
import { SMALL } from '../scale/amounts'

/** One user with 20 machines, two of which are launched later, in an installation with few others. */
export const AMOUNTS = { ...SMALL, machines: 410, ofAdmin: 20 }
const RUNNING = 2
const LEASE_MS = 60_000
const ADDRESS = 'http://127.0.0.1:9'

/** Lets the user's tokens have been checked and two more machines run. */
export function asInUse(db: Db): void {
  const userId = firstAdmin(db)?.id ?? ''
  const check = { state: 'valid', account: 'somebody', role: 'read', expiresAt: null, warnings: [] } as const
  db.update(providerTokens)
    .set({ check: { ...check, warnings: [] }, checkedAt: Date.now() })
    .where(eq(providerTokens.userId, userId))
    .run()
  for (let n = 0; n < RUNNING; n++) {
    const ref = launchMachine(db, { userId, kind: 'comfyui', name: `In use ${n}` }, SOMEBODY, Date.now)
    const held = claimLaunch(db, ref, { leaseMs: LEASE_MS, clock: Date.now })
    if (!held) throw new Error('The machine could not be claimed.')
    recordTokens(db, held.claim, listProviderTokens(db, userId), Date.now)
    const services = (['comfyui', 'filebrowser'] as const).map((name) => ({ name, address: ADDRESS }))
    markRunning(db, held.claim, services, Date.now, { gpus: 1 })
  }
}
