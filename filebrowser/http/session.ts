import { PROVIDER_IDS, PROVIDERS } from '~/providers/registry'
import { mask, visiblePart } from '~/providers/token-format'
import type { SessionView } from '../contract'
import { MODEL_FOLDERS } from '../models/folders'
import type { FilebrowserSettings } from '../settings'

/** Which machine this is and which tokens it was launched with; of a token only the visible part. */
export function describeSession({
  machineName,
  machineUrl,
  tokens,
  tokensTakenAt,
  ...settings
}: FilebrowserSettings): SessionView {
  return {
    machine: machineName,
    machineUrl: machineUrl ?? null,
    downloadHosts: settings.downloadHosts,
    downloadsAtOnce: settings.downloadsAtOnce,
    modelFolders: MODEL_FOLDERS,
    tokens: PROVIDER_IDS.map((provider) => {
      const token = tokens[provider]
      return {
        provider,
        label: PROVIDERS[provider].label,
        masked: token ? mask(visiblePart(token)) : null,
        since: token ? tokensTakenAt : null,
      }
    }),
  }
}
