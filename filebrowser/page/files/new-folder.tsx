import { api } from '../api'
import { joinPath } from '../format'
import { NameForm } from './name-form'

interface NewFolderProps {
  path: string
  onClose: () => void
  onCreated: (sentence: string) => void
}

export function NewFolder({ path, onClose, onCreated }: NewFolderProps) {
  async function create(name: string) {
    await api.createFolder(joinPath(path, name))
    onCreated(`The folder ${name} was made.`)
    onClose()
  }
  return (
    <div className="border-b px-4 py-3">
      <NameForm label="Name of the new folder" action="Create" initial="" onSave={create} onClose={onClose} />
    </div>
  )
}
