import { CopyPlus, Download, Eye, FolderInput, FolderOpen, Pencil, Trash2 } from 'lucide-react'
import type { MenuItem } from '~/app/components/ui/menu'
import type { Entry } from './files-api'

type Act = (entries: Entry[]) => void

export interface EntryActions {
  open: (entry: Entry) => void
  download: Act
  move: Act
  copy: Act
  /** Of the first; there is only one. */
  rename: Act
  remove: Act
}

/** What can be done with one entry; a link that leads out can't be opened, only be put elsewhere or deleted. */
export function entryMenu(entry: Entry, actions: EntryActions): MenuItem[][] {
  const item = (label: string, icon: MenuItem['icon'], act: Act, danger = false): MenuItem => ({
    label,
    icon,
    danger,
    onSelect: () => act([entry]),
  })
  const opening: MenuItem[] = [
    entry.kind === 'folder'
      ? { label: 'Open', icon: FolderOpen, onSelect: () => actions.open(entry) }
      : { label: 'Preview', icon: Eye, onSelect: () => actions.open(entry) },
    item(entry.kind === 'folder' ? 'Download as zip' : 'Download', Download, actions.download),
  ]
  return [
    ...(entry.kind === 'link' ? [] : [opening]),
    [
      item('Rename', Pencil, actions.rename),
      item('Move to…', FolderInput, actions.move),
      item('Copy to…', CopyPlus, actions.copy),
    ],
    [item('Delete', Trash2, actions.remove, true)],
  ]
}
