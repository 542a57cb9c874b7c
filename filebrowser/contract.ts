import type { ProviderId } from '~/providers/registry'
import type { RefusalCode } from './refusal'

/** What the HTTP API answers; the page and scripts build on it. Paths are relative to the workspace, with `/`. */
export interface SessionView {
  machine: string
  tokens: TokenView[]
  /** Where models go, relative to the workspace. */
  modelFolders: string[]
}

export interface TokenView {
  provider: ProviderId
  label: string
  /** The first 6 characters and 16 dots; null when this session holds no token. */
  masked: string | null
}

export interface FolderView {
  path: string
  entries: EntryView[]
}

export interface EntryView {
  name: string
  /** `link` leads out of the workspace or nowhere: it can be renamed and deleted, not opened. */
  kind: 'file' | 'folder' | 'link'
  /** Bytes; null for what is not a file. */
  size: number | null
  modifiedAt: string
}

export interface RefusalView {
  code: RefusalCode
  message: string
  link?: { href: string; label: string }
}

export type DownloadState = 'checking' | 'downloading' | 'done' | 'failed' | 'canceled'

export interface DownloadView {
  id: string
  state: DownloadState
  provider: ProviderId
  /** The file's name once it is known, before that what the address says. */
  name: string
  /** Target folder; null until the source has proposed one. */
  folder: string | null
  /** Bytes. */
  received: number
  size: number | null
  /** Average since the first byte; null before it. */
  bytesPerSecond: number | null
  /** Whether the bytes were compared with a SHA-256 of the issuer; false when it gave none. */
  verified: boolean
  startedAt: string
  finishedAt: string | null
  error: RefusalView | null
}
