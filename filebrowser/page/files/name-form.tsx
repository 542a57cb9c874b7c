import { type FormEvent, type KeyboardEvent, useId, useState } from 'react'
import { Button } from '~/app/components/ui/button'
import { Input } from '~/app/components/ui/field'

interface NameFormProps {
  label: string
  action: string
  initial: string
  /** Does it, or throws with the sentence to show. */
  onSave: (name: string) => Promise<void>
  onClose: () => void
}

/** Asks for a name in one line; Escape leaves. */
export function NameForm({ label, action, initial, onSave, onClose }: NameFormProps) {
  const id = useId()
  const [name, setName] = useState(initial)
  const [fault, setFault] = useState<string>()

  async function submit(event: FormEvent) {
    event.preventDefault()
    if (name.includes('/')) return setFault('A name has no slash in it.')
    await onSave(name).catch((error: Error) => setFault(error.message))
  }

  const onKeyDown = (event: KeyboardEvent) => event.key === 'Escape' && onClose()
  return (
    <form onSubmit={submit} onKeyDown={onKeyDown} className="flex flex-wrap items-center gap-2">
      <Input
        aria-label={label}
        placeholder={label}
        aria-invalid={fault ? true : undefined}
        aria-describedby={fault ? id : undefined}
        className="h-8! flex-1 basis-48"
        autoFocus
        required
        maxLength={255}
        value={name}
        onFocus={(event) => event.target.setSelectionRange(0, stemLength(initial))}
        onChange={(event) => setName(event.target.value)}
      />
      <Button type="submit" variant="primary" size="sm">
        {action}
      </Button>
      <Button size="sm" onClick={onClose}>
        Cancel
      </Button>
      {fault && (
        <p id={id} role="alert" className="w-full text-danger">
          {fault}
        </p>
      )}
    </form>
  )
}

/** Without the extension, which a person rarely means to change. */
function stemLength(name: string): number {
  const dot = name.lastIndexOf('.')
  return dot > 0 ? dot : name.length
}
