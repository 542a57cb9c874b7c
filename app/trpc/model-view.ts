import type { Model } from '../../db/models'
import { inputSchema } from '../../workflows/input-schema'
import { iso } from './iso'

/** A model as those see it who may call it. */
export function modelView({ definition, ...model }: Model, userId: string) {
  return {
    id: model.id,
    ownerName: model.ownerName,
    isOwn: model.userId === userId,
    visibility: model.visibility,
    version: model.version,
    title: definition.title,
    description: definition.description,
    categories: definition.categories,
    /** The name of the size that runs it; null for the first that a caller may use. */
    size: definition.size ?? null,
    inputs: definition.inputs.map(({ node, field, ...input }) => input),
    outputs: definition.outputs.map(({ node, ...output }) => output),
    inputSchema: inputSchema(definition.inputs),
    /** When the version was published. */
    publishedAt: iso(model.publishedAt),
    createdAt: iso(model.createdAt),
  }
}
export type ModelView = ReturnType<typeof modelView>
