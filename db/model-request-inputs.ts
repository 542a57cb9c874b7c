import { and, eq, sql } from 'drizzle-orm'
import { withoutFile } from '../workflows/dropped-file'
import { TEXT_MAX } from '../workflows/input-schema'
import type { Db, Tx } from './open'
import { modelRequestInputs } from './schema'

/** Puts notes in the place of files that were sent inside a call: only open requests hold those. */
export function dropInlineFiles(tx: Db | Tx, requestId: string): void {
  const isLarge = sql`octet_length(${modelRequestInputs.inputs}) > ${TEXT_MAX}`
  const row = tx
    .select()
    .from(modelRequestInputs)
    .where(and(eq(modelRequestInputs.requestId, requestId), isLarge))
    .get()
  if (!row) return
  const inputs = Object.fromEntries(
    Object.entries(row.inputs).map(([name, value]) => [
      name,
      // What is shorter can be a text that begins so, and takes no more room than one.
      typeof value === 'string' && value.length > TEXT_MAX ? withoutFile(value) : value,
    ]),
  )
  tx.update(modelRequestInputs).set({ inputs }).where(eq(modelRequestInputs.requestId, requestId)).run()
}
