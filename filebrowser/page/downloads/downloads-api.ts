import type { DownloadAction, DownloadRequest, DownloadView, RefusalView } from '../../contract'
import { call } from '../api'

interface Added {
  downloads: DownloadView[]
  refused: { source: string; error: RefusalView }[]
}

export const addDownloads = (files: DownloadRequest[]) => call<Added>('POST', 'downloads', { files })

interface Acted {
  changed: DownloadView[]
  refused: { id: string; error: RefusalView }[]
}

export const act = (action: DownloadAction, ids: string[]) =>
  call<Acted>('POST', 'downloads/actions', { action, ids })
