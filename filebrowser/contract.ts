import type { ProviderId } from '~/providers/registry'
import type { RefusalCode } from './refusal'

/*
 * What the HTTP API takes and answers; the page, scripts and the command line build on it. Paths are relative to
 * the workspace, with `/`; times are ISO; sizes are bytes.
 */

export interface SessionView {
  machine: string
  /** The machine's own page at Slipway, where it is relaunched; null when nobody said. */
  machineUrl: string | null
  tokens: TokenView[]
  /** Where models go. */
  modelFolders: string[]
  /** Hosts beside Hugging Face and Civitai that downloads may reach. */
  downloadHosts: string[]
  downloadsAtOnce: number
}

export interface TokenView {
  provider: ProviderId
  label: string
  /** The first 6 characters and 16 dots; null when this session holds no token. */
  masked: string | null
  /** When this session got it; a token saved later is not in here. */
  since: string | null
}

export interface RefusalView {
  code: RefusalCode
  message: string
  /** Where it is cured. A `#…` address is one of the page's own. */
  link?: { href: string; label: string }
}

// Files

export type EntrySort = 'name' | 'size' | 'modified'

/** `GET /api/files`: a part of a folder, in the order that was asked for; folders always come first. */
export interface FolderView {
  path: string
  entries: EntryView[]
  /** Where `entries` begins in the folder, and how many there are in all. */
  offset: number
  total: number
  space: SpaceView
}

export interface EntryView {
  name: string
  /** `link` leads out of the workspace or nowhere: it can be renamed and deleted, not opened. */
  kind: 'file' | 'folder' | 'link'
  /** Null for what is not a file. */
  size: number | null
  modifiedAt: string
}

/** Of the file system that a folder is on. */
export interface SpaceView {
  free: number
  total: number
}

/** `GET /api/search`. */
export interface SearchView {
  results: (EntryView & { path: string })[]
  /** False when there is more than was looked at or listed. */
  complete: boolean
}

/** What was deleted together and can come back until it is purged. */
export interface TrashView {
  id: string
  paths: string[]
  size: number
  deletedAt: string
  /** When it is purged by itself; sooner when a download or an upload needs the room. */
  purgedAt: string
}

/**
 * `POST /api/tasks` and `GET /api/tasks`: copying and moving, which can take long. `GET /api/tasks/events` sends the
 * whole list at once and on every change.
 */
export interface TaskView {
  id: string
  kind: 'copy' | 'move'
  /** Where to. */
  folder: string
  paths: string[]
  /** How many of `paths` are done. */
  finished: number
  state: 'running' | 'done' | 'failed' | 'canceled'
  copied: number
  size: number
  error: RefusalView | null
}

/** `GET /api/preview`: what is shown of a file; pictures and videos come from `/api/file?inline=1`. */
export type PreviewView =
  | { kind: 'text'; text: string; truncated: boolean }
  | { kind: 'image' | 'video' | 'audio' }
  | {
      kind: 'safetensors'
      metadata: Record<string, string>
      tensors: number
      parameters: number
      dtypes: string[]
    }
  | { kind: 'none'; reason: string }

// Downloads

/**
 * `queued` waits for its turn, `checking` asks the source, `verifying` reads what an earlier try left on the disk,
 * `waiting` begins again by itself at `waitUntil`.
 */
export type DownloadState =
  | 'queued'
  | 'checking'
  | 'verifying'
  | 'downloading'
  | 'waiting'
  | 'paused'
  | 'done'
  | 'failed'
  | 'canceled'

export interface DownloadView {
  id: string
  state: DownloadState
  /** Null for a host that the operator allows. */
  provider: ProviderId | null
  /** The address that stands for exactly this file; never holds a token. */
  source: string
  /** The file's name once it is known, before that what the address says. */
  name: string
  /** Target folder; null until the source has proposed one. */
  folder: string | null
  received: number
  size: number | null
  /** Of the last few seconds; null while nothing comes. */
  bytesPerSecond: number | null
  secondsLeft: number | null
  /** What the bytes were compared with; null until it is done, or when the source says neither. */
  verified: 'sha256' | 'size' | null
  sha256: string | null
  /** Whether its format can run code when it is loaded. */
  pickle: boolean
  /** What happened on the way that somebody may want to know: a refused token that was left out, a new beginning. */
  notices: string[]
  waitUntil: string | null
  queuedAt: string
  startedAt: string | null
  finishedAt: string | null
  error: RefusalView | null
}

/** One file as `POST /api/downloads` takes it. */
export interface DownloadRequest {
  source: string
  /** Without one the file's type decides. */
  folder?: string
  /** Without one the source's. */
  name?: string
}

/** `GET /api/downloads/events`, one a message: everything first, then what changes. */
export type DownloadEvent =
  | { type: 'all'; downloads: DownloadView[] }
  | { type: 'changed'; downloads: DownloadView[] }
  | { type: 'removed'; ids: string[] }

export type DownloadAction = 'pause' | 'resume' | 'cancel' | 'retry' | 'remove'

// Preflight

/** `POST /api/preflight`: what a source offers, before a byte of it is stored. */
export interface PreflightView {
  /** What a person calls it: a repository, a model, a workflow's file name. */
  title: string
  provider: ProviderId | null
  page: string | null
  licence: string | null
  /** `accepted`: behind terms, and this session's token opens it. */
  gate: 'open' | 'accepted' | 'closed' | null
  files: PlannedFile[]
  /** False when the source has more files than are listed. */
  complete: boolean
  space: SpaceView
  /** Why nothing of it can be had; `files` may be listed all the same. */
  error: RefusalView | null
  /** What somebody may want to know before: a refused token that was left out, a file in the way. A sentence each. */
  notices: string[]
}

export interface PlannedFile {
  /** For `POST /api/downloads`; null when nobody knows where to get it. */
  source: string | null
  name: string
  /** What tells it from its neighbours: its path in the repository, its kind and precision. */
  detail: string | null
  size: number | null
  sha256: string | null
  /** Proposed; any of the session's model folders, or another one, may be asked for instead. */
  folder: string
  pickle: boolean
  /** Where the same content is already, or another file stands in the way. */
  present: { path: string; same: boolean } | null
  /** Whether somebody who asks for the whole means this one. */
  chosen: boolean
  error: RefusalView | null
}
