import clsx from 'clsx'
import { FileUp } from 'lucide-react'
import { type DragEvent, useState } from 'react'
import { Button } from '../ui/button'
import { Field, Input, Textarea } from '../ui/field'
import type { useReading } from './use-reading'

type WorkflowPickerProps = ReturnType<typeof useReading> & { label: string }

/** A workflow to choose, to drop or to paste. */
export function WorkflowPicker({ label, read, isBusy, fault }: WorkflowPickerProps) {
  const [isOver, setOver] = useState(false)
  const [pasted, setPasted] = useState('')
  const take = async (file: File | undefined) => file && read(await file.text())

  function onDrop(event: DragEvent) {
    event.preventDefault()
    setOver(false)
    take(event.dataTransfer.files[0])
  }

  return (
    <div className="flex flex-col gap-3">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: choosing the file does the same */}
      <div
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
        className={clsx(
          'flex min-w-0 flex-col items-center gap-3 rounded-lg border border-dashed p-4 sm:flex-row',
          isOver ? 'border-accent bg-accent-soft' : 'border-control',
        )}
      >
        <FileUp aria-hidden className="size-8 shrink-0 text-muted" strokeWidth={1.5} />
        <Field
          label={label}
          hint="In ComfyUI: Workflow menu, Export (API). Choose the file, or drop it here."
          error={fault}
          className="w-full"
        >
          {(control) => (
            <Input
              {...control}
              type="file"
              accept=".json,application/json"
              className="py-1.5"
              disabled={isBusy}
              onChange={({ currentTarget }) => {
                take(currentTarget.files?.[0])
                // Else the same file, mended meanwhile, could not be chosen again.
                currentTarget.value = ''
              }}
            />
          )}
        </Field>
      </div>
      <details>
        <summary className="w-fit rounded-md text-accent hover:underline">Paste it instead</summary>
        <div className="flex flex-col items-start gap-2 pt-3">
          <Field label="Workflow as JSON" className="w-full">
            {(control) => (
              <Textarea
                {...control}
                rows={6}
                spellCheck={false}
                className="font-mono"
                value={pasted}
                onChange={({ target }) => setPasted(target.value)}
              />
            )}
          </Field>
          <Button disabled={isBusy || !pasted.trim()} onClick={() => read(pasted)}>
            Read it
          </Button>
        </div>
      </details>
      <p role="status" className="text-muted empty:hidden">
        {isBusy && 'Reading the workflow…'}
      </p>
    </div>
  )
}
