import { filesApi } from '../files/files-api'
import type { Dropped } from './dropped'
import type { Parcel } from './send'
import { sending } from './send'
import { UploadQueue } from './upload-queue'

const arrivals = new EventTarget()

/** One for the page: uploads go on while it shows something else. */
export const uploads = new UploadQueue({
  sending,
  onArrived: (parcel) => arrivals.dispatchEvent(new CustomEvent('arrived', { detail: parcel })),
})

/** @returns how to stop listening */
export function onArrived(listener: (parcel: Parcel) => void): () => void {
  const heard = (event: Event) => listener((event as CustomEvent<Parcel>).detail)
  arrivals.addEventListener('arrived', heard)
  return () => arrivals.removeEventListener('arrived', heard)
}

/** Makes the folders and queues the files. @throws ApiError when a folder can't be made */
export async function upload({ files, folders }: Dropped): Promise<void> {
  uploads.add(files.map(({ file, folder }) => ({ file, folder, name: file.name, overwrite: false })))
  for (const folder of folders)
    await filesApi.createFolder(folder).catch((error) => {
      if (error.refusal?.code !== 'already_exists') throw error
    })
}

addEventListener('beforeunload', (event) => {
  if (uploads.isBusy) event.preventDefault()
})
