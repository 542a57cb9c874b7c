/** With the pauses below: some minutes, in which a server is back from an upgrade. */
export const TRIES_MAX = 40

/** How long to leave a server alone that could not be asked so many times, in milliseconds. */
export const pauseBefore = (tries: number): number => Math.min(5000, 250 * 2 ** tries)
