import type { Api } from '../../trpc/router'
import { Field, Select } from '../ui/field'
import type { Draft } from './draft'
import { type ChangeDraft, setFields } from './draft-changes'
import type { DraftFaults } from './draft-faults'
import { TextField } from './text-field'
import { VisibilityChoice } from './visibility-choice'

export type Sizes = Awaited<ReturnType<Api['machines']['options']>>['sizes']

interface AboutFieldsProps {
  draft: Draft
  change: ChangeDraft
  faults: DraftFaults
  /** Whose name it is published under. */
  owner: string
  sizes: Sizes
  /** Whether its id and who may call it were said before. */
  isPublished: boolean
}

/** What the model is called, and who may call it on what. */
export function AboutFields({ draft, change, faults, owner, sizes, isPublished }: AboutFieldsProps) {
  const text = (field: 'name' | 'kind' | 'title' | 'description' | 'categories') => ({
    value: draft[field],
    onText: (value: string) => change(setFields({ [field]: value })),
  })
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {!isPublished && (
        <>
          <TextField
            label="Name"
            {...text('name')}
            error={faults.of('id')}
            hint={`Callers say ${owner}/${draft.name.trim() || 'name'}${draft.kind.trim() && `/${draft.kind.trim()}`}. It can’t be changed later.`}
            autoCapitalize="none"
            spellCheck={false}
            placeholder="portrait"
          />
          <TextField
            label="Kind (optional)"
            {...text('kind')}
            hint="Where one model does several things: text-to-image, image-to-image"
            autoCapitalize="none"
            spellCheck={false}
          />
        </>
      )}
      <TextField label="Title" {...text('title')} error={faults.of('title')} />
      <TextField
        label="Categories (optional)"
        {...text('categories')}
        error={faults.of('categories')}
        hint="Parted by commas: text-to-image, upscaling"
        autoCapitalize="none"
      />
      <TextField
        label="Description (optional)"
        {...text('description')}
        error={faults.of('description')}
        rows={3}
        className="sm:col-span-2"
      />
      {!isPublished && (
        <VisibilityChoice
          chosen={draft.visibility}
          onChoose={(visibility) => change(setFields({ visibility }))}
          error={faults.of('visibility')}
        />
      )}
      {(sizes.length > 1 || draft.size !== '') && (
        <Field
          label="Size of the machine"
          error={faults.of('size')}
          hint="The machine is the caller’s own; it runs on this size when one is launched for it."
        >
          {(control) => (
            <Select
              {...control}
              value={draft.size}
              onChange={({ target }) => change(setFields({ size: target.value }))}
            >
              <option value="">The first that a caller may use</option>
              {!sizes.some(({ name }) => name === draft.size) && draft.size && (
                <option value={draft.size}>{draft.size} (no longer offered)</option>
              )}
              {sizes.map(({ name, label, description }) => (
                <option key={name} value={name}>
                  {label}: {description}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
    </div>
  )
}
