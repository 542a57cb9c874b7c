import type { UploadItem } from './upload-queue'

export interface UploadProgress {
  /** Files that have not arrived. */
  open: number
  /** Whether all of them have failed. */
  isStuck: boolean
  /** 0 to 1, of the bytes of all that are listed. */
  share: number
}

export function uploadProgress(items: readonly UploadItem[]): UploadProgress {
  const open = items.filter(({ state }) => state !== 'done')
  const bytes = (of: (item: UploadItem) => number) => items.reduce((sum, item) => sum + of(item), 0)
  return {
    open: open.length,
    isStuck: open.every(({ state }) => state === 'failed'),
    share: bytes(({ sent }) => sent) / (bytes(({ parcel }) => parcel.file.size) || 1),
  }
}
