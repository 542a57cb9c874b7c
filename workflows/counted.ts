import * as z from 'zod'

/** How many entries a list or an object has. */
export const countOf = (value: unknown): number => {
  if (Array.isArray(value)) return value.length
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0
}

/** A list that is counted before anybody looks at what is in it: millions of faults would be found one by one. */
export const listOf = <T extends z.ZodType>(item: T, max: number) =>
  z.custom<z.input<T>[]>((value) => countOf(value) <= max, `has more than ${max} entries`).pipe(z.array(item))
