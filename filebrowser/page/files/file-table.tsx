import { useRef } from 'react'
import type { EntryView } from '../../contract'
import { FileRow } from './file-row'

interface FileTableProps {
  path: string
  entries: EntryView[]
  /** Something was done; the sentence says what. */
  onChanged: (sentence: string) => void
}

export function FileTable({ path, entries, onChanged }: FileTableProps) {
  const table = useRef<HTMLTableElement>(null)
  return (
    <table
      ref={table}
      tabIndex={-1}
      aria-label="Entries of this folder"
      className="w-full table-fixed text-left outline-none"
    >
      <thead className="border-b text-xs text-muted">
        <tr>
          <th scope="col" className="px-4 py-2 font-medium">
            Name
          </th>
          <th scope="col" className="hidden w-22 px-2 py-2 text-right font-medium sm:table-cell">
            Size
          </th>
          <th scope="col" className="hidden w-44 px-4 py-2 font-medium md:table-cell">
            Changed
          </th>
          <th scope="col" className="w-28 px-2 py-2 font-medium">
            <span className="sr-only">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody className="divide-y">
        {entries.map((entry) => (
          <FileRow
            key={entry.name}
            folder={path}
            entry={entry}
            onChanged={(sentence) => {
              onChanged(sentence)
              // The row that had the focus is about to go.
              table.current?.focus({ preventScroll: true })
            }}
          />
        ))}
      </tbody>
    </table>
  )
}
