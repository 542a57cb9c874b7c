import { type FormEvent, type KeyboardEvent, useState } from 'react'
import { Button } from '~/app/components/ui/button'
import type { EntryView } from '../../contract'
import { api } from '../api'
import { joinPath } from '../format'
import { NameForm } from './name-form'

interface EntryFormProps {
  folder: string
  entry: EntryView
  onClose: () => void
  onChanged: (sentence: string) => void
}

export function RenameEntry({ folder, entry: { name }, onClose, onChanged }: EntryFormProps) {
  async function save(newName: string) {
    if (newName !== name) {
      await api.move(joinPath(folder, name), joinPath(folder, newName))
      onChanged(`${name} is now called ${newName}.`)
    }
    onClose()
  }
  return (
    <NameForm label={`New name of ${name}`} action="Rename" initial={name} onSave={save} onClose={onClose} />
  )
}

export function DeleteEntry({ folder, entry: { name, kind }, onClose, onChanged }: EntryFormProps) {
  const [fault, setFault] = useState<string>()
  async function submit(event: FormEvent) {
    event.preventDefault()
    await api.remove(joinPath(folder, name)).then(
      () => onChanged(`${name} was deleted.`),
      (error: Error) => setFault(error.message),
    )
  }
  const onKeyDown = (event: KeyboardEvent) => event.key === 'Escape' && onClose()
  return (
    <form onSubmit={submit} onKeyDown={onKeyDown} className="flex flex-wrap items-center gap-2">
      <p className="min-w-0 flex-1 basis-48 wrap-anywhere">
        {kind === 'folder' ? `Delete ${name} and everything in it?` : `Delete ${name}?`} This can’t be undone.
      </p>
      <Button type="submit" variant="danger" size="sm" autoFocus>
        Delete
      </Button>
      <Button size="sm" onClick={onClose}>
        Keep
      </Button>
      {fault && (
        <p role="alert" className="w-full text-danger">
          {fault}
        </p>
      )}
    </form>
  )
}
