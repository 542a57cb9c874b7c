import { memo, useId } from 'react'
import { Input } from '~/app/components/ui/field'
import { formatBytes } from '~/format-bytes'
import { visibleName } from '../../files/visible-name'
import { FolderSelect } from './folder-select'
import { type Choice, canBeChosen, type Planned } from './planned'
import { PlannedMarks } from './planned-marks'

interface PlannedRowProps {
  planned: Planned
  problem?: string
  isNamed: boolean
  /** What was said of the whole already. */
  said?: string
  folders: string[]
  onChange: (key: string, part: Partial<Choice>) => void
}

/** A file of a plan: whether it is wanted, where it goes, and what is to be known of it. */
export const PlannedRow = memo(
  function PlannedRow({ planned, problem, isNamed, said, folders, onChange }: PlannedRowProps) {
    const id = useId()
    const shown = visibleName(planned.file.name)
    const { key, file, chosen, folder, name } = planned
    const isPossible = canBeChosen(planned)
    const canMove = file.source !== null && !file.error && (chosen || !file.present?.same)
    const isRenamed = chosen && (problem !== undefined || name !== file.name || file.present?.same === false)
    return (
      <li className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-1.5 px-4 py-2.5 sm:py-3 sm:grid-cols-[auto_minmax(0,1fr)_5rem_14rem]">
        {file.source === null ? (
          <span className="size-4" />
        ) : (
          <input
            id={id}
            type="checkbox"
            className="mt-0.5 size-4 accent-accent disabled:opacity-40"
            aria-label={`Download ${shown}`}
            checked={chosen}
            disabled={!isPossible}
            onChange={({ target }) => onChange(key, { chosen: target.checked })}
          />
        )}
        <div className="min-w-0 space-y-1">
          <label htmlFor={file.source === null ? undefined : id} className="block font-medium wrap-anywhere">
            {shown}
          </label>
          {file.detail && <p className="text-xs text-muted wrap-anywhere">{visibleName(file.detail)}</p>}
          <PlannedMarks file={file} problem={problem} isNamed={isNamed} said={said} />
          {isRenamed && (
            <Input
              aria-label={`Save ${shown} as`}
              className="h-8! text-xs!"
              spellCheck={false}
              maxLength={255}
              value={name}
              onChange={({ target }) => onChange(key, { name: target.value })}
            />
          )}
        </div>
        <p className="text-muted tabular-nums max-sm:col-start-2 max-sm:text-xs sm:text-right">
          {sizeOf(file)}
        </p>
        <div className="max-sm:col-start-2 sm:-my-1.5">
          {canMove && (
            <FolderSelect
              label={`Folder for ${shown}`}
              value={folder}
              folders={folders}
              isInvalid={problem !== undefined}
              onChange={(next) => onChange(key, { folder: next })}
            />
          )}
        </div>
      </li>
    )
  },
  (before, after) =>
    before.planned.file === after.planned.file &&
    before.planned.chosen === after.planned.chosen &&
    before.planned.folder === after.planned.folder &&
    before.planned.name === after.planned.name &&
    before.problem === after.problem &&
    before.folders === after.folders &&
    before.onChange === after.onChange,
)

/** Nothing for what can't be downloaded anyway. */
function sizeOf({ size, source }: Planned['file']): string {
  if (size !== null) return formatBytes(size)
  return source === null ? '' : 'unknown'
}
