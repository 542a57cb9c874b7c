import { Check, Copy } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button } from './ui/button'
import { Field } from './ui/field'

interface CopyTextProps {
  label: string
  text: string
  /** How many lines it may take on a phone. */
  rows?: number
}

/** A text to take along. */
export function CopyText({ label, text, rows = 2 }: CopyTextProps) {
  const shown = useRef<HTMLTextAreaElement>(null)
  const [isLive, setLive] = useState(false)
  const [said, setSaid] = useState('')
  useEffect(() => setLive(true), [])

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setSaid('Copied')
    } catch {
      // No clipboard without https or leave: the reader's own keys still copy what is selected.
      shown.current?.focus()
      shown.current?.select()
      setSaid('Selected; copy it with Ctrl+C or ⌘C')
    }
  }

  return (
    <div className="flex flex-col gap-2">
      <Field label={label}>
        {(control) => (
          <textarea
            {...control}
            ref={shown}
            readOnly
            rows={rows}
            value={text}
            spellCheck={false}
            className="w-full resize-none rounded-md border border-control bg-sunken px-3 py-2 font-mono text-sm break-all"
          />
        )}
      </Field>
      <div className="flex flex-wrap items-center gap-3">
        {isLive && (
          <Button onClick={copy}>
            {said === 'Copied' ? <Check aria-hidden /> : <Copy aria-hidden />} Copy
          </Button>
        )}
        <span role="status" className="text-muted">
          {said}
        </span>
      </div>
    </div>
  )
}
