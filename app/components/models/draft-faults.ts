import type { FormFault } from '../../guard'
import { type Draft, keyOf } from './draft'
import { sentSources } from './publication'

const OF_THE_MODEL = ['id', 'title', 'description', 'categories', 'visibility', 'size', 'inputs', 'outputs']
const OF_AN_INPUT = ['title', 'description', 'type', 'default', 'choices', 'minimum', 'maximum']

export interface DraftFaults {
  /** What is wrong with a field: `title`, or of one of several `input 6 text default`. */
  of: (field: string) => string | undefined
  /** What belongs to no field of the form. */
  general: string[]
}

/**
 * What the server refused, beside the fields that it is about.
 * @param draft as it was sent: the server counts, and what is counted may be moved while its author reads
 */
export function draftFaults(fault: FormFault | undefined, draft: Draft): DraftFaults {
  const byField = new Map<string, string>()
  const general: string[] = []
  for (const { field, message } of fault ? (fault.faults ?? [{ ...fault, field: fault.field ?? '' }]) : []) {
    const place = placeOf(field.replace(/^definition\./, ''), draft)
    const said = message.charAt(0).toUpperCase() + message.slice(1)
    if (!place) general.push(field && fault?.faults ? `${field}: ${message}` : said)
    else if (!byField.has(place)) byField.set(place, said)
  }
  return { of: (field) => byField.get(field), general }
}

function placeOf(path: string, draft: Draft): string | undefined {
  const [list = '', at, field = ''] = path.split('.')
  const position = at === undefined || at === '' ? Number.NaN : Number(at)
  const input = list === 'inputs' ? draft.inputs[position] : undefined
  if (input) return `input ${keyOf(input)} ${OF_AN_INPUT.includes(field) ? field : 'name'}`
  const output = list === 'outputs' ? draft.outputs[position] : undefined
  if (output) return `output ${output.node} ${field === 'title' ? field : 'name'}`
  const source = list === 'sources' ? sentSources(draft)[position] : undefined
  if (source) return `source ${source.name} ${field === 'folder' ? field : 'source'}`
  return OF_THE_MODEL.find((known) => known === list)
}
