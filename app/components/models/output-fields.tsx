import type { OutputCandidate } from '../../../workflows/reading'
import type { MarkedOutput } from './draft'
import { type ChangeDraft, setOutput, toggleOutput } from './draft-changes'
import type { DraftFaults } from './draft-faults'
import { TextField } from './text-field'

interface OutputFieldsProps {
  candidates: OutputCandidate[]
  outputs: MarkedOutput[]
  change: ChangeDraft
  faults: DraftFaults
}

/** The nodes that end the workflow, to be marked for what comes back. */
export function OutputFields({ candidates, outputs, change, faults }: OutputFieldsProps) {
  const fault = faults.of('outputs')
  return (
    <div className="flex flex-col gap-2">
      {fault && (
        <p role="alert" tabIndex={-1} data-fault className="rounded-md text-danger">
          {fault}
        </p>
      )}
      <ul className="flex flex-col gap-2">
        {candidates.map((candidate) => {
          const output = outputs.find(({ node }) => node === candidate.node)
          const text = (field: 'name' | 'title') => ({
            value: output?.[field] ?? '',
            onText: (value: string) => change(setOutput(candidate.node, { [field]: value })),
            error: faults.of(`output ${candidate.node} ${field}`),
          })
          return (
            <li key={candidate.node} className="flex flex-col gap-3 rounded-md border p-3">
              <label className="flex flex-wrap items-baseline gap-x-2.5">
                <input
                  type="checkbox"
                  className="size-4 shrink-0 translate-y-0.5 accent-accent"
                  checked={output !== undefined}
                  onChange={() => change(toggleOutput(candidate))}
                />
                <span className="min-w-0 font-medium wrap-anywhere">{candidate.title}</span>
                <span className="text-xs text-muted wrap-anywhere">
                  #{candidate.node} {candidate.nodeClass}
                </span>
              </label>
              {output && (
                <div className="grid gap-3 sm:grid-cols-2">
                  <TextField label="Title" {...text('title')} />
                  <TextField label="Name" {...text('name')} autoCapitalize="none" spellCheck={false} />
                </div>
              )}
            </li>
          )
        })}
      </ul>
    </div>
  )
}
