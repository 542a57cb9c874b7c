import type { InputType } from '../../../workflows/definition'
import { Field, Select } from '../ui/field'
import { keyOf, type MarkedInput } from './draft'
import { type ChangeDraft, setInput } from './draft-changes'
import { INPUT_TYPE_LABELS, isNumeric } from './input-types'
import { linesOf } from './publication'
import { TextField } from './text-field'

interface InputFieldsProps {
  input: MarkedInput
  change: ChangeDraft
  errorOf: (field: string) => string | undefined
}

/** All that an author says of one input. */
export function InputFields({ input, change, errorOf }: InputFieldsProps) {
  const set = (fields: Partial<MarkedInput>) => change(setInput(keyOf(input), fields))
  const text = (field: 'name' | 'title' | 'description' | 'choices' | 'minimum' | 'maximum') => ({
    value: input[field],
    onText: (value: string) => set({ [field]: value }),
    error: errorOf(field),
  })
  const withType = (type: InputType) =>
    set({ type, choices: type === 'choice' ? input.choices || input.default : input.choices })
  return (
    <div className="grid gap-3 border-t p-3 sm:grid-cols-3">
      <TextField label="Title" {...text('title')} />
      <TextField label="Name" {...text('name')} autoCapitalize="none" spellCheck={false} />
      <Field label="Type" error={errorOf('type')}>
        {(control) => (
          <Select
            {...control}
            value={input.type}
            onChange={({ target }) => withType(target.value as InputType)}
          >
            {Object.entries(INPUT_TYPE_LABELS).map(([type, label]) => (
              <option key={type} value={type}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {input.type === 'choice' && (
        <TextField label="Choices, one a line" {...text('choices')} rows={4} className="sm:col-span-3" />
      )}
      <label className="flex items-center gap-2.5 sm:col-span-3">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={input.isRequired}
          onChange={({ target }) => set({ isRequired: target.checked })}
        />
        Callers must give it
      </label>
      {!input.isRequired && <DefaultField input={input} set={set} error={errorOf('default')} />}
      {isNumeric(input.type) && (
        <>
          <TextField label="Least (optional)" {...text('minimum')} inputMode="decimal" />
          <TextField label="Most (optional)" {...text('maximum')} inputMode="decimal" />
        </>
      )}
      <TextField label="Description (optional)" {...text('description')} className="sm:col-span-3" />
      <p className="text-xs text-muted wrap-anywhere sm:col-span-3">
        Sets {input.field} of node #{input.node}.
      </p>
    </div>
  )
}

interface DefaultFieldProps {
  input: MarkedInput
  set: (fields: Partial<MarkedInput>) => void
  error: string | undefined
}

/** What a caller gets who gives nothing. */
function DefaultField({ input, set, error }: DefaultFieldProps) {
  const { type, default: value } = input
  const options =
    type === 'boolean' ? ['true', 'false'] : type === 'choice' ? linesOf(input.choices) : undefined
  if (options)
    return (
      <Field label="Default" error={error}>
        {(control) => (
          <Select
            {...control}
            value={options.includes(value) ? value : ''}
            onChange={({ target }) => set({ default: target.value })}
          >
            <option value="">As the workflow has it</option>
            {options.map((option) => (
              <option key={option} value={option}>
                {type === 'boolean' ? { true: 'Yes', false: 'No' }[option] : option}
              </option>
            ))}
          </Select>
        )}
      </Field>
    )
  return (
    <TextField
      label="Default"
      value={value}
      onText={(text) => set({ default: text })}
      error={error}
      hint={type === 'seed' ? 'Empty: a random one for each call' : undefined}
      rows={type === 'text' && value.length > 40 ? 3 : undefined}
      inputMode={isNumeric(type) || type === 'seed' ? 'decimal' : undefined}
      className={type === 'text' ? 'sm:col-span-3' : undefined}
    />
  )
}
