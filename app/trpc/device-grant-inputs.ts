import { z } from 'zod'
import { DEVICE_SCOPES } from './scopes'

/** What a program calls itself; what people get to read of it is shorter. */
export const deviceNameInput = z.string('must be text').max(200, 'is longer than 200 characters')

export const deviceScopesInput = z
  .array(z.enum(DEVICE_SCOPES, `must be some of ${DEVICE_SCOPES.join(', ')}`), 'must be a list of scopes')
  .min(1, 'holds none; leave it out for write')
  .transform((scopes) => DEVICE_SCOPES.filter((scope) => scopes.includes(scope)))
