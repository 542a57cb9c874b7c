import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from 'react'
import { Toast } from '~/app/components/ui/toast'
import { formatBytes } from '~/format-bytes'
import type { Dropped } from '../uploads/dropped'
import { UploadCard } from '../uploads/upload-card'
import { onArrived, upload } from '../uploads/uploads'
import { folderHref } from '../use-location'
import { Breadcrumbs } from './breadcrumbs'
import { DropZone } from './drop-zone'
import { type EntryActions, entryMenu } from './entry-actions'
import { EntryGrid, type GridHandle } from './entry-grid'
import { downloadHref, type Entry } from './files-api'
import { type Asked, FilesDialog } from './files-dialog'
import { ListingState } from './listing-state'
import { SelectionBar } from './selection-bar'
import { TaskCard } from './task-card'
import { Toolbar } from './toolbar'
import { useDeletion } from './use-deletion'
import { useFolder } from './use-folder'
import { useOrder } from './use-order'
import { useSearch } from './use-search'
import { useSelection } from './use-selection'
import { useToast } from './use-toast'
import { useUndoKey } from './use-undo-key'

interface FilesViewProps {
  /** The folder that is shown; '' is the workspace. */
  path: string
  /** The folder is asked for again when this changes. */
  version?: number
}

/** The file manager: one folder and all that can be done in it. */
export function FilesView({ path, version }: FilesViewProps) {
  const [order, setOrder] = useOrder()
  const [query, setQuery] = useState('')
  const folder = useFolder(path, order, version)
  const search = useSearch(path, query)
  const listing = search ?? folder
  const selection = useSelection(
    `${path}\n${search ? query.trim() : ''}\n${order.sort} ${order.order}`,
    listing,
  )
  const [asked, setAsked] = useState<Asked>()
  const { said, say, hush } = useToast()
  const grid = useRef<GridHandle>(null)
  const section = useRef<HTMLElement>(null)

  // biome-ignore lint/correctness/useExhaustiveDependencies: what was searched for in another folder is over
  useEffect(() => setQuery(''), [path])

  const lists = useRef([folder, listing])
  lists.current = [folder, listing]
  const refresh = useCallback(() => {
    for (const list of new Set(lists.current)) list.refresh()
  }, [])
  useRefreshOnArrival(refresh)

  const changed = () => {
    selection.clear()
    refresh()
    grid.current?.focusRow()
  }
  const deletion = useDeletion(say, changed)
  useUndoKey(section, () => void deletion.undo())
  const close = useCallback(() => setAsked(undefined), [])

  const actions: EntryActions = {
    open: (entry) => {
      if (entry.kind === 'folder') location.hash = folderHref(entry.path)
      else if (entry.kind === 'file') setAsked({ kind: 'preview', entry })
    },
    download: (entries) => {
      const href = downloadHref(entries)
      if (href) save(href, entries)
      else say('These are too many for one zip. Download the folder that they are in, or fewer at once.')
    },
    move: (entries) => setAsked({ kind: 'move', entries }),
    copy: (entries) => setAsked({ kind: 'copy', entries }),
    rename: ([entry]) => entry && setAsked({ kind: 'rename', entry }),
    remove: (entries) => void deletion.remove(entries),
  }

  const selected = [...selection.entries.values()]
  function onGridKey({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
    if (ctrlKey || metaKey || altKey) return false
    const active = listing.at(selection.active)
    const meant = selected.length > 0 ? selected : active ? [active] : []
    if (key === 'Delete' && meant.length > 0) actions.remove(meant)
    else if (key === 'F2' && active) actions.rename([active])
    else return false
    return true
  }
  const take = (dropped: Dropped) => void upload(dropped).then(refresh, (error: Error) => say(error.message))

  return (
    <section ref={section} aria-label="Files" className="min-w-0 pb-4">
      <DropZone path={path} onDropped={take} onFault={say}>
        <div className="rounded-lg border bg-surface">
          <div className="space-y-2.5 border-b px-4 py-3">
            <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
              <Breadcrumbs path={path} />
              <p className="text-xs text-muted tabular-nums">
                {folder.space &&
                  `${formatBytes(folder.space.free)} of ${formatBytes(folder.space.total)} free`}
              </p>
            </div>
            <Toolbar
              path={path}
              query={query}
              order={order}
              onQuery={setQuery}
              onOrder={setOrder}
              onNewFolder={() => setAsked({ kind: 'folder' })}
              onUpload={take}
              onTrash={() => setAsked({ kind: 'trash' })}
            />
          </div>
          {selection.isComing && selected.length === 0 && (
            <p role="status" className="sticky top-0 z-10 border-b bg-accent-soft px-4 py-2">
              Selecting…
            </p>
          )}
          {selected.length > 0 && (
            <div className="sticky top-0 z-10">
              <SelectionBar
                entries={selected}
                actions={actions}
                onClear={() => {
                  selection.clear()
                  grid.current?.focusRow()
                }}
              />
            </div>
          )}
          <ListingState listing={listing} search={search} />
          {!!listing.total && (
            <EntryGrid
              ref={grid}
              listing={listing}
              selection={selection}
              order={search ? undefined : order}
              isPlaceShown={search !== undefined}
              menu={(entry) => entryMenu(entry, actions)}
              onOrder={setOrder}
              onOpen={(index) => {
                const entry = listing.at(index)
                if (entry) actions.open(entry)
              }}
              onKey={onGridKey}
            />
          )}
        </div>
      </DropZone>

      <div className="pointer-events-none fixed inset-x-2 bottom-2 z-30 flex flex-col gap-2 sm:left-auto sm:w-96">
        <TaskCard
          onEnded={(sentence) => {
            say(sentence)
            refresh()
          }}
        />
        <UploadCard />
        <div role="status">
          {said && (
            <Toast key={said.id} action={said.action} onClose={hush}>
              {said.text}
            </Toast>
          )}
        </div>
      </div>

      {asked && (
        <FilesDialog
          asked={asked}
          onAsk={setAsked}
          onClose={close}
          path={path}
          listing={listing}
          selection={selection}
          onDone={(sentence) => {
            if (sentence) say(sentence)
            changed()
          }}
          returnFocus={() => grid.current?.focusRow()}
        />
      )}
    </section>
  )
}

/** Many small files arrive in quick succession. */
const SETTLED_MS = 300

function useRefreshOnArrival(refresh: () => void) {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = onArrived(() => {
      timer ??= setTimeout(() => {
        timer = undefined
        refresh()
      }, SETTLED_MS)
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [refresh])
}

/** Lets the browser save what an address gives, without leaving the page. */
function save(href: string, [first]: Entry[]) {
  const link = document.createElement('a')
  link.href = href
  link.download = first?.kind === 'file' ? first.name : ''
  link.click()
}
