const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** `1.2 GB`, in powers of 1000 as the model sites count. */
export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3))
  const value = bytes / 1000 ** power
  return `${value.toFixed(power === 0 || value >= 100 ? 0 : 1)} ${UNITS[power]}`
}

/** `40 s left`, `12 min left`, `3 h left`. */
export function formatTimeLeft(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s left`
  return seconds < 5400 ? `${Math.round(seconds / 60)} min left` : `${Math.round(seconds / 3600)} h left`
}

/** A path of the workspace and a name in it. */
export const joinPath = (folder: string, name: string) => (folder ? `${folder}/${name}` : name)
