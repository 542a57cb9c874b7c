import type { Actor } from '~/db/audit'
import type { NewDeviceGrant } from '~/db/device-grants'
import type { RequestSource } from '~/db/sessions'

/** Whoever does something in a test where it doesn't matter who. */
export const SOMEBODY: Actor = { kind: 'operator', id: null, name: 'Somebody', address: null }

/** Wherever a request comes from in a test. */
export const SOMEWHERE: RequestSource = {
  address: '192.0.2.1',
  userAgent: 'Mozilla/5.0 (X11; Linux) Firefox/140.0',
}

/** A login of the command line in a test where it doesn't matter whose. */
export const SOME_DEVICE: NewDeviceGrant = {
  clientId: 'runcomfy',
  deviceName: 'One',
  scopes: ['write'],
  protocol: 'runcomfy',
  from: SOMEWHERE,
}

/** What redeeming a link of the terminal needs besides its secret. */
export const AT_TERMINAL = { browserSecret: undefined, signUp: { kind: 'invite' }, from: SOMEWHERE } as const
