import { useRef } from 'react'
import { keyOf, type MarkedInput } from './draft'
import type { ChangeDraft } from './draft-changes'
import type { DraftFaults } from './draft-faults'
import { MarkedInputRow } from './marked-input-row'

interface MarkedInputsProps {
  inputs: MarkedInput[]
  change: ChangeDraft
  faults: DraftFaults
}

/** What callers may give, in their order. */
export function MarkedInputs({ inputs, change, faults }: MarkedInputsProps) {
  const list = useRef<HTMLDivElement>(null)
  return (
    <div ref={list} tabIndex={-1} className="flex flex-col gap-2 rounded-md">
      {inputs.length === 0 ? (
        <p className="text-muted">
          Callers give nothing: it runs as it is each time. Mark values above to let them choose.
        </p>
      ) : (
        <ol aria-label="Inputs" className="flex flex-col gap-2">
          {inputs.map((input) => (
            <MarkedInputRow
              key={keyOf(input)}
              input={input}
              change={change}
              faults={faults}
              // The button that had the focus is gone.
              onRemoved={() => list.current?.focus()}
            />
          ))}
        </ol>
      )}
    </div>
  )
}
