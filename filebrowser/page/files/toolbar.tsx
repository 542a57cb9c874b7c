import { EllipsisVertical, FolderPlus, FolderUp, Search, Trash2, Upload } from 'lucide-react'
import { useRef } from 'react'
import { Button } from '~/app/components/ui/button'
import { Input } from '~/app/components/ui/field'
import { Menu } from '~/app/components/ui/menu'
import type { EntrySort } from '../../contract'
import { type Dropped, readChosen } from '../uploads/dropped'
import type { Order } from './files-api'
import { SORTS } from './grid-head'

interface ToolbarProps {
  path: string
  query: string
  order: Order
  onQuery: (query: string) => void
  onOrder: (sort: EntrySort) => void
  onNewFolder: () => void
  onUpload: (chosen: Dropped) => void
  onTrash: () => void
}

/** Searching, and what can be done in a folder. */
export function Toolbar(props: ToolbarProps) {
  const { path, query, order, onQuery, onOrder, onNewFolder, onUpload, onTrash } = props
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const picker = (ref: typeof files, label: string, attributes: object) => (
    <input
      ref={ref}
      type="file"
      multiple
      hidden
      aria-label={label}
      {...attributes}
      onChange={({ target }) => {
        if (target.files?.length) onUpload(readChosen(target.files, path))
        // So that the same file can be chosen once more.
        target.value = ''
      }}
    />
  )
  return (
    <div className="flex flex-wrap items-center gap-2">
      <div className="relative min-w-0 flex-1 basis-32">
        <Search aria-hidden className="absolute top-2 left-2.5 size-4 text-muted" />
        <Input
          type="search"
          aria-label="Search in this folder and below"
          placeholder="Search"
          autoComplete="off"
          spellCheck={false}
          className="h-8! pl-8!"
          value={query}
          onChange={(event) => onQuery(event.target.value)}
          onKeyDown={(event) => event.key === 'Escape' && onQuery('')}
        />
      </div>
      <Button size="sm" onClick={() => files.current?.click()}>
        <Upload aria-hidden />
        Upload
      </Button>
      <Button size="sm" onClick={onNewFolder} className="max-sm:hidden">
        <FolderPlus aria-hidden />
        New folder
      </Button>
      <Menu
        label="More"
        icon={<EllipsisVertical aria-hidden />}
        variant="secondary"
        size="sm"
        groups={() => [
          [
            { label: 'New folder', icon: FolderPlus, onSelect: onNewFolder },
            { label: 'Upload a folder', icon: FolderUp, onSelect: () => folder.current?.click() },
            { label: 'Recently deleted', icon: Trash2, onSelect: onTrash },
          ],
          SORTS.map(([sort, label]) => ({
            label: `Sort by ${label.toLowerCase()}${order.sort === sort ? `, ${order.order === 'asc' ? 'rising' : 'falling'}` : ''}`,
            checked: order.sort === sort,
            onSelect: () => onOrder(sort),
          })),
        ]}
      />
      {picker(files, 'Files to upload', {})}
      {picker(folder, 'Folder to upload', { webkitdirectory: '' })}
    </div>
  )
}
