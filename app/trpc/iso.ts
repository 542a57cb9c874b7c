/** A moment in milliseconds since 1970 as callers get it; null stays null. */
export const iso = <T extends number | null>(at: T) =>
  (at === null ? null : new Date(at).toISOString()) as T extends null ? null : string
