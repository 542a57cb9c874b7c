import { memo, useState } from 'react'
import { Input, Select } from '~/app/components/ui/field'

const OTHER = '…'

interface FolderSelectProps {
  /** Its name for screen readers. */
  label: string
  value: string
  folders: string[]
  isInvalid?: boolean
  onChange: (folder: string) => void
}

/** One of the model folders, or another one that is typed. */
export const FolderSelect = memo(function FolderSelect(props: FolderSelectProps) {
  const { label, value, folders, isInvalid, onChange } = props
  const [isTyped, setTyped] = useState(false)
  const look = 'h-8! text-xs!'
  if (isTyped)
    return (
      <Input
        aria-label={`${label}, typed`}
        aria-invalid={isInvalid || undefined}
        className={look}
        autoFocus
        spellCheck={false}
        placeholder="models/checkpoints/sdxl"
        value={value}
        onFocus={({ target }) => target.select()}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          setTyped(false)
          if (!value.trim()) onChange(folders[0] ?? '')
        }}
      />
    )
  return (
    <Select
      aria-label={label}
      aria-invalid={isInvalid || undefined}
      className={look}
      value={value}
      onChange={({ target }) => (target.value === OTHER ? setTyped(true) : onChange(target.value))}
    >
      {!folders.includes(value) && <option value={value}>{value || 'Choose a folder'}</option>}
      {folders.map((folder) => (
        <option key={folder} value={folder}>
          {folder}
        </option>
      ))}
      <option value={OTHER}>Other…</option>
    </Select>
  )
})
