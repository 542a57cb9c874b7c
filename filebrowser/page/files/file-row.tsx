import { Download, File, Folder, Link2Off, Pencil, Trash2 } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { buttonClasses, IconButton } from '~/app/components/ui/button'
import { RelativeTime } from '~/app/components/ui/relative-time'
import { formatBytes } from '~/format-bytes'
import type { EntryView } from '../../contract'
import { fileHref } from '../api'
import { joinPath } from '../format'
import { folderHref } from '../use-location'
import { DeleteEntry, RenameEntry } from './entry-forms'

const ICONS = { file: File, folder: Folder, link: Link2Off }

interface FileRowProps {
  folder: string
  entry: EntryView
  onChanged: (sentence: string) => void
}

/** One entry; renaming and deleting take the row's place until they are done or left. */
export function FileRow({ folder, entry, onChanged }: FileRowProps) {
  const { name, kind, size, modifiedAt } = entry
  const [mode, setMode] = useState<'rename' | 'delete'>()
  const [left, setLeft] = useState<'rename' | 'delete'>()
  const renameButton = useRef<HTMLButtonElement>(null)
  const deleteButton = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (left === 'rename') renameButton.current?.focus()
    if (left === 'delete') deleteButton.current?.focus()
  }, [left])

  const enter = (next: 'rename' | 'delete') => {
    setLeft(undefined)
    setMode(next)
  }
  const leave = () => {
    setLeft(mode)
    setMode(undefined)
  }
  if (mode) {
    const Form = mode === 'rename' ? RenameEntry : DeleteEntry
    return (
      <tr>
        <td colSpan={4} className="px-4 py-2">
          <Form folder={folder} entry={entry} onClose={leave} onChanged={onChanged} />
        </td>
      </tr>
    )
  }
  const Icon = ICONS[kind]
  const path = joinPath(folder, name)
  return (
    <tr className="hover:bg-canvas">
      <td className="px-4 py-1.5">
        <span className="flex min-w-0 items-center gap-2.5">
          <Icon
            aria-hidden
            className={kind === 'folder' ? 'size-4 shrink-0 text-accent' : 'size-4 shrink-0 text-muted'}
          />
          {kind === 'folder' ? (
            <a href={folderHref(path)} className="min-w-0 font-medium wrap-anywhere hover:underline">
              {name}
            </a>
          ) : (
            <span className="min-w-0 wrap-anywhere">
              {name}
              {kind === 'link' && <span className="text-muted"> (link out of this machine’s folders)</span>}
              {size !== null && (
                <span className="block text-xs text-muted tabular-nums sm:hidden">{formatBytes(size)}</span>
              )}
            </span>
          )}
        </span>
      </td>
      <td className="hidden px-2 py-1.5 text-right whitespace-nowrap text-muted tabular-nums sm:table-cell">
        {size === null ? '' : formatBytes(size)}
      </td>
      <td className="hidden px-4 py-1.5 text-muted md:table-cell">
        <RelativeTime at={modifiedAt} />
      </td>
      <td className="px-2 py-1.5">
        <span className="flex justify-end">
          {kind === 'file' && (
            <a
              href={fileHref(path)}
              download={name}
              aria-label={`Download ${name}`}
              title={`Download ${name}`}
              className={`${buttonClasses({ variant: 'ghost', size: 'sm' })} w-8 px-0!`}
            >
              <Download aria-hidden />
            </a>
          )}
          <IconButton ref={renameButton} size="sm" label={`Rename ${name}`} onClick={() => enter('rename')}>
            <Pencil aria-hidden />
          </IconButton>
          <IconButton ref={deleteButton} size="sm" label={`Delete ${name}`} onClick={() => enter('delete')}>
            <Trash2 aria-hidden />
          </IconButton>
        </span>
      </td>
    </tr>
  )
}
