import type { ModelSource } from '~/providers/models/source'
import type { Network } from '~/providers/network/network'
import type { ProviderId } from '~/providers/registry'
import type { Workspace } from '../workspace/workspace'
import type { FreeBytes } from '../workspace/write-whole'

/** What the bytes on the disk belong to. Whoever keeps it can go on from them in a later try. */
export interface Content {
  name: string
  /** Of the target, relative to the workspace. */
  folder: string
  /** Bytes; null while nobody has said. */
  size: number | null
  sha256: string | null
  /** The issuer's name of this very content: a commit, a tag. */
  version: string | null
  /** Strong tag that the storage gave. */
  etag: string | null
}

export interface TransferRequest {
  source: ModelSource
  /** Relative to the workspace and there already; without one the file's type decides, and it is made. */
  folder?: string
  /** Without one the source's. */
  name?: string
  /** Names the half-written file: of a later try it has to be the same. */
  id: string
  /** What the last `onFile` of an earlier try was told; without it nothing on the disk is built on. */
  known?: Content
}

export interface FoundFile extends Content {
  /** Whether its format can run code when it is loaded. */
  pickle: boolean
}

export interface TransferProgress {
  /**
   * Where it goes, before anything is written; what this throws ends the transfer.
   * @param whole absolute path of the file that it will be
   */
  onTarget?(target: { folder: string; name: string; whole: string }): void
  /**
   * What is being fetched; again when more is known of it or when it has changed. Awaited, always before the first
   * byte of it is written: a caller that makes it durable here can resume after any crash.
   */
  onFile(found: FoundFile): Promise<void>
  /** Reading again what an earlier try left. @param read and @param of bytes */
  onVerifying(read: number, of: number): void
  /** @param received bytes of the file that are there, those of earlier tries included; less after a new beginning */
  onBytes(received: number): void
  /** Something that somebody may want to know, in one or two sentences. */
  onNotice(sentence: string): void
}

export interface Transferred {
  /** Relative to the workspace. */
  path: string
  size: number
  /** Of the bytes on the disk. */
  sha256: string
  /** What they were compared with; null when the source says neither. */
  verified: 'sha256' | 'size' | null
}

export interface TransferDeps {
  workspace: Workspace
  network: Network
  tokens: Partial<Record<ProviderId, string>>
  freeBytes: FreeBytes
  /** Resolves after so many milliseconds; rejects when the signal says so. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

/**
 * Fetches one file into the workspace, whole and checked or not at all. Whatever ends it, the target is as it was;
 * what has arrived stays beside it for a later try unless it is known to be wrong or the disk is full. Who gives a
 * download up removes it with `removePart(workspace, folder, id)`.
 * @throws Refusal that says why not; `canceled` when the signal ended it
 */
export type Transfer = (
  deps: TransferDeps,
  request: TransferRequest,
  progress: TransferProgress,
  signal: AbortSignal,
) => Promise<Transferred>
