const plain = (value: number) => Number(value.toFixed(value < 10 ? 1 : 0)).toLocaleString('en-GB')

/** `45 min`, `2.5 h`, `1,204 h`. */
export const inHours = (hours: number): string =>
  hours === 0 ? '0 h' : hours < 1 ? `${Math.max(1, Math.round(hours * 60))} min` : `${plain(hours)} h`

/** `7.2 s`, `3.5 min`. */
export const inSeconds = (seconds: number): string =>
  seconds <= MINUTES_FROM ? `${plain(seconds)} s` : `${plain(seconds / 60)} min`

/** Durations beyond this are told in minutes, all of a chart alike, so that its lines are at round numbers. */
export const MINUTES_FROM = 180
export { plain }
