import { randomInt } from 'node:crypto'
import * as z from 'zod'
import type { Fault, ModelInput } from './definition'
import { isDroppedFile } from './dropped-file'
import { firstFaults } from './faults'
import { SEED_MAX, TEXT_MAX } from './input-schema'

/** Names that no input has: what is beyond is only counted. */
const UNKNOWN_MAX = 50
/** Of the choices that a fault says. */
const CHOICES_LENGTH_MAX = 500
/** Of a file that is sent inside the call. */
export const INLINE_FILE_MAX = 8 * 1024 ** 2
/** All files inside one call: as base64 they still fit into a body of 32 MiB, with room for everything else. */
export const INLINE_FILES_MAX = 23 * 1024 ** 2
/** The most that `randomInt` takes. */
const RANDOM_SEED_MAX = 2 ** 48 - 1

const number = (
  { minimum, maximum }: Pick<ModelInput, 'minimum' | 'maximum'>,
  type: 'integer' | 'number',
) => {
  let schema = type === 'integer' ? z.int('must be a whole number') : z.number('must be a number')
  if (minimum !== undefined) schema = schema.min(minimum, `must be ${minimum} or more`)
  if (maximum !== undefined) schema = schema.max(maximum, `must be ${maximum} or less`)
  return schema
}

/** A file: where it is on the web, or the file itself as a data URL. */
const file = (type: 'image' | 'video' | 'audio') =>
  z
    .string('must be an https address, or a data: URL')
    .max(Math.ceil((INLINE_FILE_MAX * 4) / 3) + 200, 'is larger than 8 MiB; give an https address')
    .refine((text) => !isDroppedFile(text), {
      error: 'is no longer kept: its file went when that request ended. Choose the file again',
      abort: true,
    })
    .refine(
      (text) =>
        text.startsWith('data:')
          ? isInlineFile(type, text)
          : text.length <= 2000 && URL.canParse(text) && /^https:\/\//i.test(text),
      `must be an https address, or a data:${type}/…;base64, URL`,
    )

const BASE64_URL = /^data:(\w{1,10})\/[\w.+-]{1,100};base64,/

function isInlineFile(type: string, text: string): boolean {
  const start = BASE64_URL.exec(text)
  if (start?.[1] !== type) return false
  const content = text.slice(start[0].length).replace(/={1,2}$/, '')
  // Looks for what does not belong: to match a text of megabytes whole, a pattern may need more stack than there is.
  return content.length > 0 && !/[^A-Za-z0-9+/]/.test(content)
}

/** What a caller may give for an input. */
export function inputValue(input: Pick<ModelInput, 'type' | 'choices' | 'minimum' | 'maximum'>): z.ZodType {
  switch (input.type) {
    case 'text':
      return z.string('must be text').max(TEXT_MAX, `has more than ${TEXT_MAX} characters`)
    case 'boolean':
      return z.boolean('must be true or false')
    case 'choice':
      return z.enum(input.choices ?? [], `must be one of ${inWords(input.choices ?? [])}`)
    case 'seed':
      return z.int(`must be a whole number of at most ${SEED_MAX}`).min(0, 'must be 0 or more')
    case 'integer':
    case 'number':
      return number(input, input.type)
    default:
      return file(input.type)
  }
}

/**
 * What a call runs with.
 * @param given the caller's inputs, as parsed JSON
 * @returns the values by name, defaults and random seeds filled in, or the faults of what was given, as many as
 *   anybody reads; each without a field is a sentence. An input
 *   without a value is left to the workflow.
 */
export function checkInputs(
  inputs: readonly ModelInput[],
  given: unknown,
): { values: Record<string, unknown>; faults?: never } | { faults: Fault[]; values?: never } {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return { faults: [{ field: '', message: 'The inputs must be a JSON object.' }] }
  const all = new Map(Object.entries(given))
  const faults: Fault[] = []
  const values: Record<string, unknown> = {}
  for (const input of inputs) {
    const value = all.get(input.name) ?? undefined
    all.delete(input.name)
    if (value === undefined) {
      if (input.default !== undefined) values[input.name] = input.default
      else if (input.required) faults.push({ field: input.name, message: 'is missing' })
      else if (input.type === 'seed') values[input.name] = randomInt(RANDOM_SEED_MAX)
      continue
    }
    const checked = inputValue(input).safeParse(value)
    if (checked.success) values[input.name] = checked.data
    else faults.push({ field: input.name, message: checked.error.issues[0]?.message ?? 'does not fit' })
  }
  for (const name of [...all.keys()].slice(0, UNKNOWN_MAX))
    faults.push(
      /^\w{1,40}$/.test(name)
        ? { field: name, message: 'is no input of this model' }
        : { field: '', message: 'Something was sent that is no input of this model.' },
    )
  return faults.length ? { faults: firstFaults(faults, Math.max(0, all.size - UNKNOWN_MAX)) } : { values }
}

function inWords(choices: readonly string[]): string {
  const all = choices.join(', ')
  return all.length > CHOICES_LENGTH_MAX ? `${all.slice(0, CHOICES_LENGTH_MAX)}…` : all
}
