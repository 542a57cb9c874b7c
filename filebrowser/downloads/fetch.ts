import type { IssuerSettings } from '~/providers/issuers'
import { parseModelUrl } from '~/providers/models/source'
import type { TransferProgress, TransferRequest, Transferred } from '../transfers/contract'
import { ensureFolder, type Workspace } from '../workspace/workspace'
import type { DownloadRecord } from './record'

/** Fetches one file, as `Transfer` promises it. */
export type Fetch = (
  request: TransferRequest,
  progress: TransferProgress,
  signal: AbortSignal,
) => Promise<Transferred>

export interface FetchDeps {
  workspace: Workspace
  issuers: IssuerSettings
  fetch: Fetch
}

/**
 * Fetches what a record says, from where an earlier try ended.
 * @throws what the transfer throws, and Refusal for a source or a folder that can't be used any more
 */
export async function fetchRecord(
  { workspace, issuers, fetch }: FetchDeps,
  { id, source, folder, name, content }: DownloadRecord,
  progress: TransferProgress,
  signal: AbortSignal,
): Promise<Transferred> {
  const request = {
    id,
    source: parseModelUrl(source, issuers),
    ...(folder !== null && { folder }),
    ...(name !== null && { name }),
    ...(content && { known: content }),
  }
  if (folder) await ensureFolder(workspace, folder)
  signal.throwIfAborted()
  return fetch(request, progress, signal)
}
