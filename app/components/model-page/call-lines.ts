import type { ModelView } from '../../trpc/model-view'

type Model = Pick<ModelView, 'id' | 'inputs'> & { callUrl: string }

/** What a shell reads as exactly this text. */
const shellQuoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** A call's inputs to begin with: what has to be given, with its default or something of its type. */
export const exampleInputs = ({ inputs }: Pick<Model, 'inputs'>): Record<string, unknown> =>
  Object.fromEntries(inputs.filter(({ required }) => required).map((input) => [input.name, exampleOf(input)]))

function exampleOf(input: Model['inputs'][number]): unknown {
  if (input.default !== undefined) return input.default
  switch (input.type) {
    case 'text':
      return 'A lighthouse at dusk'
    case 'boolean':
      return true
    case 'choice':
      return input.choices?.[0] ?? ''
    case 'integer':
    case 'number':
      return input.minimum ?? input.maximum ?? 1
    case 'seed':
      return 1
    default:
      return `https://example.com/${FILES[input.type]}`
  }
}

const FILES = { image: 'picture.png', video: 'video.mp4', audio: 'sound.mp3' }

/** Lines for a shell that call this model. */
export function callLines(model: Model): { name: string; text: string }[] {
  const inputs = shellQuoted(JSON.stringify(exampleInputs(model)))
  const withToken = `-H "Authorization: Bearer $RUNCOMFY_TOKEN"`
  const requestUrl = `${model.callUrl.slice(0, -model.id.length).replace(/models\/$/, 'requests')}/REQUEST_ID`
  return [
    {
      name: 'runcomfy',
      text: `runcomfy run ${model.id} --input ${inputs}`,
    },
    {
      name: 'curl',
      text: [
        `curl ${shellQuoted(model.callUrl)} \\\n  ${withToken} \\\n  -H 'Content-Type: application/json' \\\n  -d ${inputs}`,
        `curl ${withToken} ${shellQuoted(`${requestUrl}/status`)}`,
        `curl ${withToken} ${shellQuoted(`${requestUrl}/result`)}`,
      ].join('\n\n'),
    },
  ]
}
