import type { ModelView } from '../trpc/model-view'

/** A model as RunComfy's catalogue tells of it. */
export const modelShape = (publicUrl: string, model: ModelView, withSchema: boolean) => ({
  model_id: model.id,
  display_name: model.title,
  description: model.description,
  categories: model.categories,
  base_price_usd: 0,
  inputs: model.inputs.map(({ name }) => name),
  required_inputs: model.inputSchema.required,
  model_url: `${publicUrl}/models/${model.id}`,
  input_schema: withSchema ? model.inputSchema : undefined,
})
