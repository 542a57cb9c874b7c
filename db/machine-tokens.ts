import { eq, sql } from 'drizzle-orm'
import { tookTokens } from '../launch-events'
import { PROVIDERS } from '../providers/registry'
import { mask } from '../providers/token-format'
import { record, WORKER } from './audit'
import { findAttempt } from './launch-attempts'
import { type Claim, isHeldBy } from './machine-claims'
import { addMachineEvent } from './machine-events'
import { findMachine } from './machine-states'
import { type Clock, type Db, joining, type Tx } from './open'
import { prepared, preparedInsert } from './prepared'
import type { SavedToken } from './provider-tokens'
import { machineTokens } from './schema'
import { findSubject } from './users'

const ofMachine = eq(machineTokens.machineId, sql.placeholder('machineId'))
const tokensOf = prepared((db) => db.select().from(machineTokens).where(ofMachine).prepare())
const forgetTokens = prepared((db) => db.delete(machineTokens).where(ofMachine).prepare())
const insertToken = preparedInsert(
  machineTokens,
  'machineId',
  'provider',
  'visible',
  'fingerprint',
  'takenAt',
)

/**
 * Writes down which tokens the attempt takes: names, first characters and fingerprints.
 * @returns when it took them, which a further try with the same tokens doesn't change: it may find services that
 * have them already. Undefined when the claim is lost
 */
export function recordTokens(
  db: Db | Tx,
  claim: Claim,
  tokens: readonly SavedToken[],
  clock: Clock,
): number | undefined {
  return joining(db, (tx) => {
    const machine = findMachine(tx, claim.machineId)
    const subject = machine && findSubject(tx, machine.userId)
    const detail = `For attempt ${claim.attempt} of ${machine?.name} (${claim.machineId})`
    // They were opened, whether the claim still holds or not.
    for (const { provider } of tokens)
      record(
        tx,
        { action: 'provider_token_opened', by: WORKER, subject, target: PROVIDERS[provider].label, detail },
        clock,
      )
    if (!machine || !isHeldBy(machine, claim)) return undefined
    const now = clock()
    const takenAt = whenTaken(tx, claim, tokens) ?? now
    forgetTokens(tx).run({ machineId: claim.machineId })
    for (const { provider, visible, fingerprint } of tokens)
      insertToken(tx, { machineId: claim.machineId, provider, visible, fingerprint, takenAt })
    const names = tokens.map(({ provider, visible }) => `${PROVIDERS[provider].label} ${mask(visible)}`)
    addMachineEvent(tx, claim.machineId, tookTokens(names), now)
    return takenAt
  })
}

/** @returns when an earlier try of this attempt took the very same tokens */
function whenTaken(tx: Tx, claim: Claim, tokens: readonly SavedToken[]): number | undefined {
  const begun = findAttempt(tx, claim)?.startedAt ?? Number.POSITIVE_INFINITY
  const rows = tokensOf(tx).all({ machineId: claim.machineId })
  const isSame =
    rows.length === tokens.length &&
    tokens.every(({ provider, fingerprint }) =>
      rows.some(
        (row) => row.provider === provider && row.fingerprint === fingerprint && row.takenAt >= begun,
      ),
    )
  return isSame ? rows[0]?.takenAt : undefined
}
