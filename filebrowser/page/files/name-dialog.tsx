import { type FormEvent, useId, useState } from 'react'
import { Button } from '~/app/components/ui/button'
import { Dialog } from '~/app/components/ui/dialog'
import { Field, Input } from '~/app/components/ui/field'

interface NameDialogProps {
  title: string
  label: string
  action: string
  initial?: string
  /** Does it, or throws with the sentence to show. */
  onSave: (name: string) => Promise<void>
  onClose: () => void
  returnFocus?: () => void
}

/** Asks for a name. */
export function NameDialog({ title, label, action, initial = '', onSave, ...dialog }: NameDialogProps) {
  const id = useId()
  const [name, setName] = useState(initial)
  const [fault, setFault] = useState<string>()
  const [isBusy, setBusy] = useState(false)

  async function submit(event: FormEvent) {
    event.preventDefault()
    if (name === initial) return dialog.onClose()
    if (name.includes('/')) return setFault('A name has no slash in it.')
    setBusy(true)
    await onSave(name).catch((error: Error) => setFault(error.message))
    setBusy(false)
  }
  return (
    <Dialog
      {...dialog}
      title={title}
      footer={
        <>
          <Button onClick={dialog.onClose}>Cancel</Button>
          <Button type="submit" form={id} variant="primary" disabled={isBusy}>
            {action}
          </Button>
        </>
      }
    >
      <form id={id} onSubmit={submit} className="p-4">
        <Field label={label} error={fault}>
          {(control) => (
            <Input
              {...control}
              autoComplete="off"
              spellCheck={false}
              data-autofocus
              required
              maxLength={255}
              value={name}
              onFocus={(event) => event.target.setSelectionRange(0, stemLength(initial))}
              onChange={(event) => {
                setName(event.target.value)
                setFault(undefined)
              }}
            />
          )}
        </Field>
      </form>
    </Dialog>
  )
}

/** Without the extension, which a person rarely means to change. */
function stemLength(name: string): number {
  const dot = name.lastIndexOf('.')
  return dot > 0 ? dot : name.length
}
