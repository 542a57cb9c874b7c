import { apiOf, type IssuerSettings } from '../issuers'
import { Refusal } from '../refusal'
import type { CivitaiFile } from './source'

const ID = String.raw`(\d{1,15})`
const MODEL = `${ID}(?:@${ID})?(?:\\+${ID})?`
/** `urn:air:{ecosystem}:{type}:{source}:{model}@{version}+{file}:{layer}.{format}`, of which most may be left out. */
const AIR = new RegExp(String.raw`^(?:urn:)?air:[\w.-]+:[\w.-]+:civitai:${MODEL}(?::[\w-]+)?(?:\.\w+)?$`, 'i')
const SHORT = new RegExp(`^civitai:${MODEL}$`, 'i')

/**
 * Reads how Civitai's own pages and other tools name a model: `urn:air:sdxl:lora:civitai:123@456`, `civitai:123@456`.
 * @returns `undefined` for what is no such name at all
 * @throws Refusal `bad_url` for one that names no model of Civitai's
 */
export function parseAir(text: string, issuers: IssuerSettings): CivitaiFile | undefined {
  if (!/^(?:(?:urn:)?air|civitai):/i.test(text)) return undefined
  const [, modelId, versionId, fileId] = AIR.exec(text) ?? SHORT.exec(text) ?? []
  if (!modelId)
    throw new Refusal(
      'bad_url',
      'That names no model on Civitai. Such a name looks like urn:air:sdxl:lora:civitai:123@456 or civitai:123@456.',
    )
  return {
    provider: 'civitai',
    base: apiOf('civitai', issuers),
    versionId,
    modelId,
    choice: fileId ? { fileId } : {},
  }
}
