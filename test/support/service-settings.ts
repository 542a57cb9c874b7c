import { parseRequestSettings } from '~/request-settings'
import type { ServiceSettings } from '~/worker/snapshot'

/** What an operator who set nothing tells the services. */
export const SERVICE_SETTINGS: ServiceSettings = {
  publicUrl: 'http://slipway.test:3000',
  huggingfaceEndpoint: undefined,
  civitaiEndpoint: undefined,
  downloadHosts: [],
  downloadsAtOnce: undefined,
}

/** How an operator who set nothing has calls of models served. */
export const REQUEST_SETTINGS = parseRequestSettings({}).requests
