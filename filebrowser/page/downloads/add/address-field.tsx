import clsx from 'clsx'
import { forwardRef, type KeyboardEventHandler, useId } from 'react'

interface AddressFieldProps {
  value: string
  isInvalid: boolean
  /** Of the element that says what is wrong. */
  faultId: string
  onChange: (value: string) => void
  /** Told the whole value once something was pasted or dropped into it. */
  onPasted: (value: string) => void
  onKeyDown: KeyboardEventHandler
}

const ROWS_MAX = 8

/** Takes whatever names a model; as high as its lines. */
export const AddressField = forwardRef<HTMLTextAreaElement, AddressFieldProps>(function AddressField(
  { value, isInvalid, faultId, onChange, onPasted, onKeyDown },
  ref,
) {
  const id = useId()
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        Model address
      </label>
      <textarea
        ref={ref}
        id={id}
        rows={Math.min(ROWS_MAX, value.split('\n').length)}
        aria-describedby={clsx(`${id}-hint`, isInvalid && faultId)}
        aria-invalid={isInvalid || undefined}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        placeholder="https://huggingface.co/…"
        className="field-sizing-content max-h-60 min-h-9 w-full min-w-0 resize-none rounded-md border border-control bg-surface px-3 py-1.5 text-base wrap-anywhere placeholder:text-muted aria-invalid:border-danger sm:text-sm"
        value={value}
        onChange={({ target, nativeEvent }) => {
          const { inputType } = nativeEvent as InputEvent
          if (inputType === 'insertFromPaste' || inputType === 'insertFromDrop') onPasted(target.value)
          else onChange(target.value)
        }}
        onKeyDown={onKeyDown}
      />
      <p id={`${id}-hint`} className="text-xs text-muted">
        From Hugging Face or Civitai: a page’s or a file’s address, owner/name, a copied hf download command,
        or an AIR. Several at once: one a line. Or drop a workflow here.
      </p>
    </div>
  )
})
