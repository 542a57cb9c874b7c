import type { Draft, MarkedInput, SourceDraft } from './draft'

/** What is sent of a draft. What isn't a number where one belongs stays text, for the server to refuse. */
export function publicationOf(draft: Draft, owner: string) {
  const { name, kind, title, description, size, outputs } = draft
  return {
    id: [owner, name.trim(), kind.trim()].filter((part, at) => part || at < 2).join('/'),
    definition: {
      ...{ title, description, outputs },
      categories: categoriesOf(draft.categories),
      size: size || undefined,
      inputs: draft.inputs.map(sentInput),
      sources: sentSources(draft),
    },
  }
}

/** Those that an author names; where a file comes from that has none is the caller's own to know. */
export const sentSources = ({ sources }: Draft): SourceDraft[] =>
  sources
    .map((source) => ({ ...source, source: source.source.trim() }))
    .filter(({ source }) => source.length > 0)

const categoriesOf = (text: string): string[] =>
  text
    .split(',')
    .map((category) => category.trim().toLowerCase().replace(/\s+/g, '-'))
    .filter(Boolean)

export const linesOf = (text: string): string[] => [
  ...new Set(
    text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean),
  ),
]

function sentInput(input: MarkedInput) {
  const { node, field, name, title, type, isRequired } = input
  const takesRange = type === 'integer' || type === 'number'
  return {
    ...{ node, field, name, title, type, required: isRequired },
    description: input.description.trim() || undefined,
    default: isRequired ? undefined : defaultOf(input),
    choices: type === 'choice' ? linesOf(input.choices) : undefined,
    minimum: takesRange ? numberIn(input.minimum) : undefined,
    maximum: takesRange ? numberIn(input.maximum) : undefined,
  }
}

/** What a caller gets who gives nothing; undefined where the workflow's own value stays. */
function defaultOf({ type, default: text, choices }: MarkedInput): unknown {
  switch (type) {
    case 'text':
      return text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined
    case 'choice':
      return linesOf(choices).includes(text) ? text : undefined
    case 'integer':
    case 'number':
    case 'seed':
      return numberIn(text)
    default:
      return text.trim() || undefined
  }
}

function numberIn(text: string): unknown {
  const plain = text.trim()
  if (!plain) return undefined
  const number = Number(plain)
  return Number.isFinite(number) ? number : plain
}

/** An input as callers get it; what isn't a number yet where one belongs is left out. */
export function previewInput(marked: MarkedInput) {
  const { node, field, minimum, maximum, ...input } = sentInput(marked)
  const number = (value: unknown) => (typeof value === 'number' ? value : undefined)
  return { ...input, minimum: number(minimum), maximum: number(maximum), title: input.title || input.name }
}
