import { onTestFinished } from 'vitest'
import { type Issuers, issuerSettings, openIssuers } from '~/providers/issuers'

/** The way to ask fakes, as web and worker have it; closed when the test ends. */
export function testIssuers(given: {
  huggingface?: string
  civitai?: string
  downloadHosts?: string[]
}): Issuers {
  const issuers = openIssuers(
    issuerSettings({
      huggingfaceEndpoint: given.huggingface,
      civitaiEndpoint: given.civitai,
      downloadHosts: given.downloadHosts ?? [],
    }),
  )
  onTestFinished(() => issuers.network.close())
  return issuers
}
