import { z } from 'zod'

export { emailAddress as emailInput } from '../../email-address'

/** What a person or a thing is called. */
export const nameInput = z
  .string()
  .trim()
  .min(1, 'is empty; type a name')
  .max(60, 'has more than 60 characters; use a shorter one')
  .regex(/^\P{Cc}*$/u, 'holds control characters; type it again')
