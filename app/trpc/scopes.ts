import { AppError } from '../../errors'

/** What an API token can be for, and what a person reads of it. */
export const SCOPE_AREAS = {
  account: 'Account and activity',
  'provider-tokens': 'Third-party tokens',
  machines: 'Machines',
  models: 'Models',
} as const
type Area = keyof typeof SCOPE_AREAS

/** What `read` and `write` never include, and only a login of the command line can be granted. */
const ADMIN_SCOPES = ['admin:read', 'admin:write'] as const

/** What a procedure asks of an API token; `any` is good for every whole one. Without a scope none may call it. */
export type Scope = `${Area}:${'read' | 'write'}` | (typeof ADMIN_SCOPES)[number] | 'any'

const AREAS = Object.keys(SCOPE_AREAS) as Area[]

/** All that can be granted: everything to read, everything to write, or area by area. Writing includes reading. */
export const SCOPES = [
  'read',
  'write',
  ...AREAS.flatMap((area): Scope[] => [`${area}:read`, `${area}:write`]),
] as const

/** All that a device login can ask for. */
export const DEVICE_SCOPES = [...SCOPES, ...ADMIN_SCOPES] as const

export const isForAdmins = (scopes: readonly string[]) => scopes.some((scope) => scope.startsWith('admin:'))

/** Whether what a token was granted covers what a procedure needs. */
export function covers(granted: readonly string[], needed: Scope): boolean {
  if (needed === 'any') return true
  const [area, access] = needed.split(':')
  const enough = access === 'read' ? ['read', 'write'] : ['write']
  return enough.some(
    (level) => (area !== 'admin' && granted.includes(level)) || granted.includes(`${area}:${level}`),
  )
}

export const lacksScope = (granted: readonly string[], needed: Scope) =>
  new AppError(
    'forbidden',
    `This API token lacks the scope ${needed}. It has ${granted.join(', ')}; ${
      isForAdmins([needed])
        ? 'an administrator gets it with runcomfy login --admin'
        : 'make another one for this'
    }.`,
  )
