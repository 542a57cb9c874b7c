import type { SourceDraft } from './draft'
import { type ChangeDraft, setSource } from './draft-changes'
import type { DraftFaults } from './draft-faults'
import { TextField } from './text-field'

interface SourceFieldsProps {
  sources: SourceDraft[]
  change: ChangeDraft
  faults: DraftFaults
}

/** Where callers' machines get the files that the workflow loads. */
export function SourceFields({ sources, change, faults }: SourceFieldsProps) {
  return (
    <ul className="flex flex-col gap-3">
      {sources.map(({ name, folder, source }) => (
        <li key={name} aria-label={name} className="flex flex-col gap-2 rounded-md border p-3">
          <p className="font-mono text-sm wrap-anywhere">{name}</p>
          <div className="grid gap-3 sm:grid-cols-3">
            <TextField
              label="Address (optional)"
              value={source}
              onText={(text) => change(setSource(name, { source: text }))}
              error={faults.of(`source ${name} source`)}
              hint="Of the file on Hugging Face, or of the model on Civitai"
              autoCapitalize="none"
              spellCheck={false}
              className="sm:col-span-2"
            />
            <TextField
              label="Folder"
              value={folder}
              onText={(text) => change(setSource(name, { folder: text }))}
              error={faults.of(`source ${name} folder`)}
              placeholder="models/checkpoints"
              autoCapitalize="none"
              spellCheck={false}
            />
          </div>
        </li>
      ))}
    </ul>
  )
}
