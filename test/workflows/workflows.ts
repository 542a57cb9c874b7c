import type { ModelInput } from '~/workflows/definition'

/** An input of a model in a test where the rest doesn't matter. */
export const input = (about: Partial<ModelInput> & Pick<ModelInput, 'name' | 'type'>): ModelInput => ({
  ...{ title: about.name, required: false, node: '1', field: about.name },
  ...about,
})
