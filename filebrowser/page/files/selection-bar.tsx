import { CopyPlus, Download, EllipsisVertical, FolderInput, Pencil, Trash2, X } from 'lucide-react'
import { Button, IconButton } from '~/app/components/ui/button'
import { Menu } from '~/app/components/ui/menu'
import { formatBytes } from '~/format-bytes'
import type { EntryActions } from './entry-actions'
import type { Entry } from './files-api'

interface SelectionBarProps {
  entries: Entry[]
  actions: EntryActions
  onClear: () => void
}

/** What can be done with what is selected. On a narrow screen most of it is in a menu. */
export function SelectionBar({ entries, actions, onClear }: SelectionBarProps) {
  const bytes = entries.reduce((sum, { size }) => sum + (size ?? 0), 0)
  const all = [
    { label: 'Download', icon: Download, run: actions.download, isFirst: true },
    { label: 'Move to…', icon: FolderInput, run: actions.move },
    { label: 'Copy to…', icon: CopyPlus, run: actions.copy },
    ...(entries.length === 1 ? [{ label: 'Rename', icon: Pencil, run: actions.rename }] : []),
    { label: 'Delete', icon: Trash2, run: actions.remove, isFirst: true },
  ]
  return (
    <div
      role="toolbar"
      aria-label="What is selected"
      className="flex min-h-13 items-center gap-1.5 border-b bg-accent-soft px-2.5 py-2"
    >
      <IconButton size="sm" label="Select nothing" onClick={onClear}>
        <X aria-hidden />
      </IconButton>
      <p className="min-w-0 flex-1 truncate font-medium">
        {entries.length.toLocaleString('en')} selected
        {bytes > 0 && <span className="font-normal text-muted tabular-nums"> · {formatBytes(bytes)}</span>}
      </p>
      {all.map(({ label, icon: Icon, run, isFirst }) => (
        <Button
          key={label}
          size="sm"
          onClick={() => run(entries)}
          aria-label={label}
          className={isFirst ? 'max-sm:w-8 max-sm:px-0!' : 'max-md:hidden'}
        >
          <Icon aria-hidden />
          <span className="max-sm:hidden">{label}</span>
        </Button>
      ))}
      <Menu
        label="More for what is selected"
        icon={<EllipsisVertical aria-hidden />}
        size="sm"
        variant="secondary"
        className="md:hidden"
        groups={() => [
          all
            .filter(({ isFirst }) => !isFirst)
            .map(({ label, icon, run }) => ({ label, icon, onSelect: () => run(entries) })),
        ]}
      />
    </div>
  )
}
