import { joinPath } from '../format'
import { batches } from './batches'
import { type Entry, filesApi } from './files-api'
import { indexOf, type Listing } from './listing'
import { NameDialog } from './name-dialog'
import { PlaceDialog } from './place-dialog'
import { PreviewDialog } from './preview-dialog'
import { tasks } from './tasks'
import { TrashDialog } from './trash-dialog'
import type { Selection } from './use-selection'
import { visibleName } from './visible-name'

/** What is asked of a person, one thing at a time. */
export type Asked =
  | { kind: 'folder' | 'trash' }
  | { kind: 'rename' | 'preview'; entry: Entry }
  | { kind: 'move' | 'copy'; entries: Entry[] }

interface FilesDialogProps {
  asked: Asked
  onAsk: (asked: Asked) => void
  onClose: () => void
  path: string
  listing: Listing
  selection: Selection
  /** Something was changed; the sentence says what, unless that is still going on. */
  onDone: (sentence?: string) => void
  returnFocus: () => void
}

/** The dialog of the file manager that is open. */
export function FilesDialog(props: FilesDialogProps) {
  const { asked, onAsk, onClose, path, listing, selection, onDone, returnFocus } = props
  switch (asked.kind) {
    case 'folder':
      return (
        <NameDialog
          title="New folder"
          label="Name"
          action="Create"
          onClose={onClose}
          onSave={async (name) => {
            await filesApi.createFolder(joinPath(path, name))
            onClose()
            onDone(`Created the folder ${visibleName(name)}.`)
          }}
        />
      )
    case 'rename': {
      const { entry } = asked
      return (
        <NameDialog
          title={`Rename ${visibleName(entry.name)}`}
          label="New name"
          action="Rename"
          initial={entry.name}
          onClose={onClose}
          returnFocus={returnFocus}
          onSave={async (name) => {
            const folder = entry.path.slice(0, Math.max(0, entry.path.length - entry.name.length - 1))
            await filesApi.rename(entry.path, joinPath(folder, name))
            onClose()
            onDone(`${visibleName(entry.name)} is now called ${visibleName(name)}.`)
          }}
        />
      )
    }
    case 'move':
    case 'copy':
      return (
        <PlaceDialog
          kind={asked.kind}
          entries={asked.entries}
          from={path}
          onClose={onClose}
          onPlace={async (folder) => {
            for (const paths of batches(asked.entries.map((entry) => entry.path)))
              await tasks.start(asked.kind, paths, folder)
            onClose()
            onDone()
          }}
        />
      )
    case 'preview':
      return (
        <PreviewDialog
          entry={asked.entry}
          onClose={onClose}
          returnFocus={returnFocus}
          onStep={(by) => {
            const { total = 0 } = listing
            const from = indexOf(listing, asked.entry.path)
            if (from < 0) return
            for (let at = from + by; at >= 0 && at < total; at += by) {
              const next = listing.at(at)
              if (!next) return listing.want(at, at)
              if (next.kind !== 'file') continue
              selection.setActive(at)
              return onAsk({ kind: 'preview', entry: next })
            }
          }}
        />
      )
    case 'trash':
      return <TrashDialog onClose={onClose} onChanged={onDone} />
  }
}
