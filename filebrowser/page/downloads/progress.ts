import type { DownloadView } from '../../contract'

export interface Progress {
  /** Downloads that run or will run by themselves. */
  active: number
  /** 0 to 1, of their bytes; undefined while nothing runs or a size is unknown. */
  share: number | undefined
}

const ACTIVE = new Set<DownloadView['state']>(['queued', 'checking', 'verifying', 'downloading', 'waiting'])

/** How far all that runs has come. */
export function overallProgress(downloads: DownloadView[]): Progress {
  const active = downloads.filter(({ state }) => ACTIVE.has(state))
  const sum = (amount: (download: DownloadView) => number | null) =>
    active.reduce((total, download) => total + (amount(download) ?? 0), 0)
  const size = sum((download) => download.size)
  return {
    active: active.length,
    share: size > 0 ? Math.min(1, sum((each) => each.received) / size) : undefined,
  }
}

/** Rounded down, so that nothing is 100 % before it is done. */
export const percent = (share: number) => `${Math.floor(share * 100)} %`
