import { isNeeded } from '../../../workflows/input-schema'
import type { ModelView } from '../../trpc/model-view'
import { Field, Input, Select, Textarea } from '../ui/field'
import { FileField } from './file-field'
import { fieldName } from './read-inputs'

interface InputFieldProps {
  input: ModelView['inputs'][number]
  /** What it begins with; undefined for nothing. */
  given: unknown
  error: string | undefined
  fileBytesMax: number
}

/** The control for one input of a model. */
export function InputField({ input, given, error, fileBytesMax }: InputFieldProps) {
  const text = given === undefined ? '' : String(given)
  const mustBeGiven = isNeeded(input)
  const label = `${input.title}${mustBeGiven ? '' : ' (optional)'}`
  const hint = [input.description, ruleOf(input)].filter(Boolean).join(' ')
  const { type } = input
  if (type === 'image' || type === 'video' || type === 'audio')
    return (
      <FileField
        type={type}
        name={fieldName(input)}
        {...{ label, hint, error, mustBeGiven, given: text, bytesMax: fileBytesMax }}
      />
    )
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => {
        const shared = { ...control, name: fieldName(input), 'aria-required': mustBeGiven || undefined }
        switch (type) {
          case 'text':
            return isLong(input, text) ? (
              <Textarea {...shared} defaultValue={text} rows={4} />
            ) : (
              <Input {...shared} defaultValue={text} autoComplete="off" />
            )
          case 'choice':
            return <Options {...shared} text={text} options={input.choices ?? []} mustBeGiven={mustBeGiven} />
          case 'boolean':
            if (given === undefined)
              return <Options {...shared} text="" options={['true', 'false']} mustBeGiven={mustBeGiven} />
            return (
              <>
                <input
                  {...shared}
                  type="checkbox"
                  value="true"
                  defaultChecked={given === true}
                  className="size-5 accent-accent"
                />
                {/* What is sent while it isn't checked: the first field of a name counts. */}
                <input type="hidden" name={shared.name} value="false" />
              </>
            )
          default:
            return (
              <Input
                {...shared}
                type="number"
                step={type === 'number' ? 'any' : 1}
                min={type === 'seed' ? 0 : input.minimum}
                max={input.maximum}
                defaultValue={text}
                placeholder={type === 'seed' && input.default === undefined ? 'random' : undefined}
              />
            )
        }
      }}
    </Field>
  )
}

const isLong = ({ name }: { name: string }, text: string) =>
  /prompt|text|positive|negative/i.test(name) || text.length > 60 || text.includes('\n')

const WORDS = new Map([
  ['true', 'Yes'],
  ['false', 'No'],
])

interface OptionsProps {
  text: string
  options: string[]
  mustBeGiven: boolean
}

const Options = ({ text, options, mustBeGiven, ...control }: OptionsProps & { name: string }) => (
  <Select {...control} defaultValue={text}>
    {(!text || !options.includes(text)) && (
      <option value="">{mustBeGiven ? 'Choose one' : 'As the workflow has it'}</option>
    )}
    {options.map((option) => (
      <option key={option} value={option}>
        {WORDS.get(option) ?? option}
      </option>
    ))}
  </Select>
)

function ruleOf({ type, minimum, maximum, default: fallback }: ModelView['inputs'][number]): string {
  if (type === 'seed') return `Empty: ${fallback === undefined ? 'another one each time' : fallback}.`
  if (type !== 'integer' && type !== 'number') return ''
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}.`
  if (minimum !== undefined) return `${minimum} or more.`
  return maximum === undefined ? '' : `${maximum} or less.`
}
