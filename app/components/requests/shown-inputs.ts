import { formatBytes } from '../../../format-bytes'

const SHOWN_MAX = 2000

export interface ShownInput {
  name: string
  text: string
}

/** Inputs as people read them: a file that was sent inside the call is named by what it is. */
export const shownInputs = (inputs: Record<string, unknown>): ShownInput[] =>
  Object.entries(inputs).map(([name, value]) => ({ name, text: shown(value) }))

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const [, type, encoded] = /^data:([\w/.+-]+);base64,(.*)$/.exec(text) ?? []
  if (type && encoded !== undefined) return `${type}, ${formatBytes(Math.floor((encoded.length * 3) / 4))}`
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}
