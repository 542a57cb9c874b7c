/** Bytes of the large answer. */
export const LARGE_BYTES = 256 * 1024 * 1024
