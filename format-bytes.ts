const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** `1.2 GB`, in powers of 1000 as the model sites count. */
export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3))
  const value = bytes / 1000 ** power
  return `${value.toFixed(power === 0 || value >= 100 ? 0 : 1)} ${UNITS[power]}`
}
