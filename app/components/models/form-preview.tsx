import { InputField } from '../model-page/input-field'
import { type Draft, keyOf } from './draft'
import { previewInput } from './publication'

/** The form that callers will see, drawn as they get it. Nothing in it can be changed. */
export function FormPreview({ title, inputs }: Pick<Draft, 'title' | 'inputs'>) {
  return (
    <fieldset disabled className="flex min-w-0 flex-col gap-4">
      <legend className="mb-3 font-medium wrap-anywhere">{title || 'Without a title'}</legend>
      {inputs.length === 0 && <p className="text-muted">No inputs: callers only run it.</p>}
      {inputs.map((marked) => {
        const input = previewInput(marked)
        // A field keeps what it began with: each change begins it anew.
        return (
          <InputField
            key={`${keyOf(marked)} ${JSON.stringify(input)}`}
            input={input}
            given={input.default}
            error={undefined}
            fileBytesMax={0}
          />
        )
      })}
    </fieldset>
  )
}
