import { z } from 'zod'

/** An e-mail address, taken in lower case. */
export const emailInput = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, 'is longer than an e-mail address can be')
  .pipe(z.email('is no e-mail address; it looks like name@example.org'))

/** What a person or a thing is called. */
export const nameInput = z
  .string()
  .trim()
  .min(1, 'is empty; type a name')
  .max(60, 'has more than 60 characters; use a shorter one')
  .regex(/^\P{Cc}*$/u, 'holds control characters; type it again')
