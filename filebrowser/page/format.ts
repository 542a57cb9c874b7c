/** `40 s left`, `12 min left`, `3 h left`. */
export function formatTimeLeft(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s left`
  return seconds < 5400 ? `${Math.round(seconds / 60)} min left` : `${Math.round(seconds / 3600)} h left`
}

/** A path of the workspace and a name in it. */
export const joinPath = (folder: string, name: string) => (folder ? `${folder}/${name}` : name)
