import { formText } from '../../guard'
import type { ModelView } from '../../trpc/model-view'

type Input = ModelView['inputs'][number]

/** Apart from whatever else the form sends: an author may call an input anything. */
export const fieldName = (input: Pick<Input, 'name'>) => `input.${input.name}`

/**
 * What somebody filled into the form of a model, as its inputs. What isn't what its input wants goes along as it was
 * typed, so that it is refused with its reason. A field that was left empty leaves its input out.
 */
export function readInputs(inputs: readonly Input[], form: FormData): Record<string, unknown> {
  const given = inputs.flatMap((input) => {
    const name = fieldName(input)
    const value = form.has(name) ? typed(input, formText(form, name)) : undefined
    return value === undefined ? [] : [[input.name, value] as const]
  })
  return Object.fromEntries(given)
}

function typed(input: Input, text: string): unknown {
  switch (input.type) {
    case 'text':
      // Where there is a default, an empty text is what somebody made of it. Forms send the ends of lines as CRLF.
      return text === '' && input.default === undefined ? undefined : text.replaceAll('\r\n', '\n')
    case 'boolean':
      return text === '' ? undefined : text === 'true'
    case 'integer':
    case 'number':
    case 'seed':
      return text.trim() === '' ? undefined : Number.isNaN(Number(text)) ? text : Number(text)
    default:
      return text || undefined
  }
}
