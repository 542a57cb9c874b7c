import { fieldOf, textOf } from '../http/answer'
import { facts } from '../output/facts'
import type { Column } from '../output/table'

/** A list in what a server says; what is none has nothing in it. */
export const listed = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

const wordsOf = (model: unknown, name: string): string[] =>
  listed(fieldOf(model, name)).filter((word) => typeof word === 'string')

export const MODEL_COLUMNS: Column<unknown>[] = [
  { title: 'MODEL', of: (model) => textOf(model, 'model_id') ?? '' },
  { title: 'NAME', of: (model) => textOf(model, 'display_name') ?? '', shrinks: true },
  { title: 'CATEGORIES', of: (model) => wordsOf(model, 'categories').join(', '), shrinks: true },
  { title: 'INPUTS', of: inputsOf, shrinks: true },
]

function inputsOf(model: unknown): string {
  const required = wordsOf(model, 'required_inputs')
  return wordsOf(model, 'inputs')
    .map((name) => (required.includes(name) ? `${name}*` : name))
    .join(', ')
}

/** What people read of one model. */
export function describeModel(model: object): string {
  const schema = fieldOf(model, 'input_schema')
  const properties = fieldOf(schema, 'properties')
  const required = wordsOf(schema, 'required')
  const inputs = Object.entries(typeof properties === 'object' && properties !== null ? properties : {})
  return facts(
    ['Model', textOf(model, 'model_id')],
    ['Name', textOf(model, 'display_name')],
    ['About', textOf(model, 'description')],
    ['Categories', wordsOf(model, 'categories').join(', ') || undefined],
    ['Page', textOf(model, 'model_url')],
    ['Inputs', inputs.map(([name, one]) => describeInput(name, one, required.includes(name)))],
    ['Outputs', listed(fieldOf(model, 'outputs')).map(describeOutput)],
  )
}

function describeInput(name: string, schema: unknown, isRequired: boolean): string {
  const choices = listed(fieldOf(schema, 'enum'))
  const media = textOf(schema, 'contentMediaType')
  const byDefault = fieldOf(schema, 'default')
  const said = [
    media ?? textOf(schema, 'type'),
    isRequired && 'required',
    choices.length > 0 && `one of ${choices.join(', ')}`,
    rangeOf(schema),
    byDefault !== undefined && `default ${JSON.stringify(byDefault)}`,
  ]
  const title = textOf(schema, 'title')
  const about = textOf(schema, 'description') ?? (title === name ? undefined : title)
  return `${name}: ${said.filter(Boolean).join(', ')}${about ? `. ${about}` : ''}`
}

function rangeOf(schema: unknown): string | undefined {
  const [from, to] = ['minimum', 'maximum'].map((name) => fieldOf(schema, name))
  if (from === undefined && to === undefined) return undefined
  return [from !== undefined && `from ${from}`, to !== undefined && `to ${to}`].filter(Boolean).join(' ')
}

const describeOutput = (output: unknown): string =>
  typeof output === 'string'
    ? output
    : [textOf(output, 'name'), textOf(output, 'title')].filter(Boolean).join(': ')
