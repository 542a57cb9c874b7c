import { memo, useDeferredValue, useMemo, useState } from 'react'
import type { InputCandidate } from '../../../workflows/reading'
import { Disclosure } from './disclosure'
import { keyOf, type MarkedInput } from './draft'
import { type ChangeDraft, toggleInput } from './draft-changes'
import { TextField } from './text-field'
import { type ValueGroup, valueGroups } from './value-groups'

/** So many nodes with what is sought are seen at a glance. */
const FEW_NODES = 12

interface ValuePickerProps {
  candidates: InputCandidate[]
  marked: MarkedInput[]
  change: ChangeDraft
}

/** Every value of the workflow, node by node, to be opened to callers. */
export function ValuePicker({ candidates, marked, change }: ValuePickerProps) {
  const [sought, setSought] = useState('')
  const filter = useDeferredValue(sought)
  const groups = useMemo(() => valueGroups(candidates, filter), [candidates, filter])
  // A text of its own, so that typing in one input draws no other node's values again.
  const keys = marked.map(keyOf).sort().join('\n')
  const markedKeys = useMemo(() => new Set(keys.split('\n')), [keys])
  const isFiltered = filter.trim() !== ''
  return (
    <div className="flex flex-col gap-3">
      <TextField
        label="Find a value"
        type="search"
        value={sought}
        onText={setSought}
        className="max-w-md"
        placeholder="seed, prompt, #12"
      />
      <p role="status" className="text-muted">
        {isFiltered
          ? `${groups.length} ${groups.length === 1 ? 'node' : 'nodes'} with it`
          : `${marked.length} of ${candidates.length} values are open to callers`}
      </p>
      <ul className="max-h-96 divide-y overflow-y-auto rounded-md border">
        {groups.map((group) => (
          <NodeValues
            key={group.node}
            group={group}
            marked={markedKeys}
            isFound={isFiltered && groups.length <= FEW_NODES}
            change={change}
          />
        ))}
      </ul>
    </div>
  )
}

interface NodeValuesProps {
  group: ValueGroup
  marked: ReadonlySet<string>
  isFound: boolean
  change: ChangeDraft
}

const NodeValues = memo(function NodeValues({ group, marked, isFound, change }: NodeValuesProps) {
  const [isSetOpen, setOpen] = useState(false)
  const isOpen = isFound || isSetOpen
  const count = group.values.filter((value) => marked.has(keyOf(value))).length
  return (
    <li>
      <Disclosure
        isOpen={isOpen}
        onToggle={() => setOpen(!isOpen)}
        summary={
          <>
            <span className="min-w-0 font-medium wrap-anywhere">{group.title}</span>
            <span className="text-xs text-muted wrap-anywhere">
              #{group.node}
              {group.nodeClass !== group.title && ` ${group.nodeClass}`}
            </span>
            {count > 0 && <span className="ml-auto text-xs text-accent">{count} marked</span>}
          </>
        }
      >
        <ul className="pb-2">
          {group.values.map((value) => (
            <li key={value.field}>
              <label className="flex items-baseline gap-2.5 py-1 pr-3 pl-8 hover:bg-sunken">
                <input
                  type="checkbox"
                  className="size-4 shrink-0 translate-y-0.5 accent-accent"
                  checked={marked.has(keyOf(value))}
                  onChange={() => change(toggleInput(value))}
                />
                <span className="shrink-0">{value.field}</span>
                <span className="min-w-0 truncate font-mono text-xs text-muted">{said(value.value)}</span>
              </label>
            </li>
          ))}
        </ul>
      </Disclosure>
    </li>
  )
})

const said = (value: unknown) => String(value).slice(0, 120) || '(empty)'
