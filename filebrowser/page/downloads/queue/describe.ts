import { formatBytes } from '~/format-bytes'
import type { DownloadView } from '../../../contract'
import { formatTimeLeft } from '../../format'

/** `1.2 GB of 4.8 GB · 52 MB/s · 3 min left`, as far as it is known. */
export function describeProgress({ received, size, bytesPerSecond, secondsLeft }: DownloadView): string {
  const amount = size === null ? formatBytes(received) : `${formatBytes(received)} of ${formatBytes(size)}`
  return [
    amount,
    bytesPerSecond !== null && `${formatBytes(bytesPerSecond)}/s`,
    secondsLeft !== null && formatTimeLeft(secondsLeft),
  ]
    .filter(Boolean)
    .join(' · ')
}

/** What its bytes were compared with. */
export function describeResult({ verified }: DownloadView): string {
  if (verified === 'sha256') return 'SHA-256 verified'
  return verified === 'size' ? 'Size checked' : 'The source says nothing to check it by'
}
