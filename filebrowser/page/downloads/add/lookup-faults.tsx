import { type Fault, Reason } from '../reason'
import type { Lookup } from './lookup'

interface LookupFaultsProps {
  id: string
  lookups: Lookup[]
  /** Those that no single lookup has. */
  others: (Fault | false | undefined)[]
}

/** What is wrong with what was pasted, and the cure; said aloud. */
export function LookupFaults({ id, lookups, others }: LookupFaultsProps) {
  return (
    <div id={id} role="alert" className="space-y-2 empty:hidden">
      {lookups.map(
        (lookup) =>
          lookup.fault && (
            <Reason
              key={lookup.id}
              fault={lookup.fault}
              about={lookups.length > 1 || lookup.kind === 'workflow' ? lookup.label : undefined}
            />
          ),
      )}
      {others.map((fault) => fault && <Reason key={fault.message} fault={fault} />)}
    </div>
  )
}
