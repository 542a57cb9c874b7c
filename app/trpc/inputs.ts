import * as z from 'zod'
import { DEVICE_SCOPES } from './scopes'

export { emailAddress as emailInput } from '../../email-address'

/** What a person or a thing is called. */
export const nameInput = z
  .string()
  .trim()
  .min(1, 'is empty; type a name')
  .max(60, 'has more than 60 characters; use a shorter one')
  .regex(/^\P{Cc}*$/u, 'holds control characters; type it again')

/** What a program calls the device that it runs on. */
export const deviceNameInput = z.string('must be text').max(200, 'is longer than 200 characters')

/** What a device login asks for, each scope once. */
export const deviceScopesInput = z
  .array(z.enum(DEVICE_SCOPES, `must be some of ${DEVICE_SCOPES.join(', ')}`), 'must be a list of scopes')
  .min(1, 'holds none; leave it out for write')
  .transform((scopes) => DEVICE_SCOPES.filter((scope) => scopes.includes(scope)))
