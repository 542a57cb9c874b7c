import { ChevronRight, Folder, FolderPlus } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from '~/app/components/ui/button'
import { Dialog } from '~/app/components/ui/dialog'
import { Spinner } from '~/app/components/ui/progress'
import { joinPath } from '../format'
import { type Entry, filesApi } from './files-api'
import { FolderTrail } from './folder-trail'
import { NameDialog } from './name-dialog'
import { describeEntries, visibleName } from './visible-name'

interface PlaceDialogProps {
  kind: 'move' | 'copy'
  entries: Entry[]
  /** Where the choice begins. */
  from: string
  /** Does it, or throws with the sentence to show. */
  onPlace: (folder: string) => Promise<void>
  onClose: () => void
}

/** As many folders of one folder as are offered; whoever has more finds theirs by its name. */
const FOLDERS_MAX = 1000

/** Asks for the folder that entries are moved or copied to. */
export function PlaceDialog({ kind, entries, from, onPlace, onClose }: PlaceDialogProps) {
  const [path, setPath] = useState(from)
  const [round, setRound] = useState(0)
  const [folders, setFolders] = useState<string[]>()
  const [fault, setFault] = useState<string>()
  const [isNaming, setNaming] = useState(false)
  const [isPlacing, setPlacing] = useState(false)
  const taken = new Set(entries.map((entry) => entry.path))
  const isSame = kind === 'move' && entries.every((entry) => joinPath(path, entry.name) === entry.path)
  const isLoading = folders === undefined

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round is the reason to ask again
  useEffect(() => {
    const controller = new AbortController()
    filesApi
      .list(path, { sort: 'name', order: 'asc' }, { offset: 0, limit: FOLDERS_MAX }, controller.signal)
      .then(({ entries: all }) => {
        if (controller.signal.aborted) return
        setFolders(all.filter((each) => each.kind === 'folder').map(({ name }) => name))
      })
      .catch((error: Error) => {
        if (controller.signal.aborted) return
        setFolders([])
        setFault(error.message)
      })
    return () => controller.abort()
  }, [path, round])

  const go = (to: string) => {
    setFault(undefined)
    // Those of the folder before would be taken for ones in here.
    setFolders(undefined)
    setPath(to)
  }
  async function place() {
    setPlacing(true)
    await onPlace(path).catch((error: Error) => setFault(error.message))
    setPlacing(false)
  }
  const verb = kind === 'move' ? 'Move' : 'Copy'
  return (
    <Dialog
      title={`${verb} ${describeEntries(entries)}`}
      onClose={onClose}
      width="md"
      footer={
        <>
          <Button className="mr-auto" onClick={() => setNaming(true)}>
            <FolderPlus aria-hidden />
            New folder
          </Button>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabled={isLoading || isPlacing || isSame} onClick={place}>
            {verb} here
          </Button>
        </>
      }
    >
      <div className="border-b px-4 py-2.5">
        <FolderTrail path={path} label="Target folder" onGo={go} />
      </div>
      {fault && (
        <p role="alert" className="border-b px-4 py-2.5 text-danger">
          {fault}
        </p>
      )}
      <div className="h-72 overflow-auto">
        {isLoading && (
          <p className="flex justify-center p-8 text-muted">
            <Spinner label="Loading the folders" />
          </p>
        )}
        {folders?.length === 0 && <p className="px-4 py-3 text-muted">No folders in here.</p>}
        <ul aria-label="Folders">
          {folders?.map((name) => (
            <li key={name} className="border-b">
              <button
                type="button"
                disabled={taken.has(joinPath(path, name))}
                // The second click of a double one would open what has come to stand there.
                onClick={({ detail }) => detail < 2 && go(joinPath(path, name))}
                className="flex min-h-10 w-full items-center gap-2.5 px-4 text-left hover:bg-canvas focus-visible:-outline-offset-2 disabled:cursor-not-allowed disabled:opacity-55"
              >
                <Folder aria-hidden className="size-4 shrink-0 text-accent" />
                <span className="min-w-0 flex-1 truncate">{visibleName(name)}</span>
                <ChevronRight aria-hidden className="size-4 shrink-0 text-muted" />
              </button>
            </li>
          ))}
        </ul>
      </div>
      {isNaming && (
        <NameDialog
          title="New folder"
          label="Name"
          action="Create"
          onClose={() => setNaming(false)}
          onSave={async (name) => {
            await filesApi.createFolder(joinPath(path, name))
            setNaming(false)
            setRound(round + 1)
            go(joinPath(path, name))
          }}
        />
      )}
    </Dialog>
  )
}
