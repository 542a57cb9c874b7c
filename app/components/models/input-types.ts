import type { InputType } from '../../../workflows/definition'

/** What a person calls what callers give. */
export const INPUT_TYPE_LABELS: Record<InputType, string> = {
  text: 'Text',
  integer: 'Whole number',
  number: 'Number',
  boolean: 'Yes or no',
  choice: 'Choice',
  seed: 'Seed',
  image: 'Image',
  video: 'Video',
  audio: 'Audio',
}

export const isNumeric = (type: InputType) => type === 'integer' || type === 'number'
