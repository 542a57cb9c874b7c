import { ArrowDown, ArrowUp, X } from 'lucide-react'
import { useState } from 'react'
import { Badge } from '../ui/badge'
import { IconButton } from '../ui/button'
import { Disclosure } from './disclosure'
import { keyOf, type MarkedInput } from './draft'
import { type ChangeDraft, moveInput, removeInput } from './draft-changes'
import type { DraftFaults } from './draft-faults'
import { InputFields } from './input-fields'
import { INPUT_TYPE_LABELS } from './input-types'

interface MarkedInputRowProps {
  input: MarkedInput
  change: ChangeDraft
  faults: DraftFaults
  onRemoved: () => void
}

const FIELDS = ['name', 'title', 'description', 'type', 'default', 'choices', 'minimum', 'maximum']

/** One input: what it is in a line, and all about it when it is opened. */
export function MarkedInputRow({ input, change, faults, onRemoved }: MarkedInputRowProps) {
  const key = keyOf(input)
  const errorOf = (field: string) => faults.of(`input ${key} ${field}`)
  const isFaulty = FIELDS.some((field) => errorOf(field) !== undefined)
  const [isSetOpen, setOpen] = useState(false)
  const isOpen = isFaulty || isSetOpen
  const title = input.title || input.name || input.field
  return (
    <li aria-label={title} className="relative rounded-md border">
      <Disclosure
        isOpen={isOpen}
        onToggle={() => setOpen(!isOpen)}
        className="min-h-11 pr-28"
        summary={
          <>
            <span className="min-w-0 font-medium wrap-anywhere">{title}</span>
            <code className="font-mono text-xs text-muted wrap-anywhere">{input.name}</code>
            <span className="text-xs text-muted">{INPUT_TYPE_LABELS[input.type]}</span>
            {input.isRequired && <Badge>Required</Badge>}
          </>
        }
      >
        <InputFields input={input} change={change} errorOf={errorOf} />
      </Disclosure>
      <div className="absolute top-1.5 right-1.5 flex">
        <IconButton size="sm" label={`Move ${title} up`} onClick={() => change(moveInput(key, -1))}>
          <ArrowUp aria-hidden />
        </IconButton>
        <IconButton size="sm" label={`Move ${title} down`} onClick={() => change(moveInput(key, 1))}>
          <ArrowDown aria-hidden />
        </IconButton>
        <IconButton
          size="sm"
          label={`Take ${title} away`}
          onClick={() => {
            change(removeInput(key))
            onRemoved()
          }}
        >
          <X aria-hidden />
        </IconButton>
      </div>
    </li>
  )
}
