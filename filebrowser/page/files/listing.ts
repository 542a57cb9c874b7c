import type { SpaceView } from '../../contract'
import type { ApiError } from '../api'
import type { Entry } from './files-api'

/** What a list shows: the entries of a folder, or what a search found. */
export interface Listing {
  /** Undefined until the first answer. */
  total: number | undefined
  space: SpaceView | undefined
  error: ApiError | undefined
  /** Undefined as long as it is on its way. */
  at(index: number): Entry | undefined
  /** Says which entries are in sight, so that they are asked for. */
  want(first: number, last: number): void
  /** These and all between them, whatever has come so far. */
  range(first: number, last: number): Promise<Entry[]>
  /** Asks again; what is shown stays until the answer is there. */
  refresh(): void
}

/** The first of a listing that has this path among those that have come, or -1. */
export function indexOf(listing: Listing, path: string): number {
  for (let index = 0; index < (listing.total ?? 0); index++)
    if (listing.at(index)?.path === path) return index
  return -1
}
