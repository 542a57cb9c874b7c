import { civitai } from './civitai'
import { huggingface } from './huggingface'
import type { Issuer } from './issuer'
import type { ModelSource } from './source'
import { web } from './web'

/** Who is asked for a file. */
export const issuerOf = ({ provider }: ModelSource) =>
  (provider === null ? web : provider === 'civitai' ? civitai : huggingface) as Issuer<ModelSource>
