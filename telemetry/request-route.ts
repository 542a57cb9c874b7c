/** The groups of routes that metrics tell apart. */
export type RouteGroup =
  | 'pages'
  | 'assets'
  | 'trpc'
  | 'v1'
  | 'runcomfy'
  | 'oauth'
  | 'sign_in'
  | 'health'
  | 'metrics'
  | 'machines'

/** By the beginning of the path, the longer one first. */
const GROUPS: readonly (readonly [string, RouteGroup])[] = [
  ['/trpc', 'trpc'],
  ['/v1', 'v1'],
  ['/prod/api', 'runcomfy'],
  ['/api', 'oauth'],
  ['/oauth', 'oauth'],
  ['/.well-known', 'oauth'],
  ['/sign-in', 'sign_in'],
  ['/sign-out', 'sign_in'],
  ['/assets', 'assets'],
  ['/cli.tgz', 'assets'],
  ['/favicon.svg', 'assets'],
  ['/healthz', 'health'],
  ['/readyz', 'health'],
  ['/metrics', 'metrics'],
]

/** What an address may be made of besides what somebody chose, or what is secret. */
const WORDS = new Set(
  `.well-known account activity admin api api-tokens assets audit audit.csv auth callback cancel categories
  cli-auth cli.tgz device_authorization edit failed-launches favicon.svg first-steps healthz introspect logs
  machines me metrics models name new oauth oauth-authorization-server open overview poll prod profile readyz
  requests result results revoke saves sent servers sessions settings sign-in sign-out start status token trainer
  trpc usage usage.csv username users v1 with workers workflows`.split(/\s+/),
)

export interface RequestRoute {
  group: RouteGroup
  /** The path with `:id` in the place of everything that isn't a word of Slipway's own. */
  path: string
}

/**
 * What of an address may be written down: no id, no secret, nothing of a query.
 * @param procedures their names, which stand in addresses below /trpc
 */
export function requestRoute(url: string, procedures: ReadonlySet<string>): RequestRoute {
  const [asked = ''] = url.split(/[?#]/, 1)
  const [first, second, ...rest] = asked.split('/').slice(1)
  if (first === 'trpc' && second !== undefined && rest.length === 0) {
    const named = second.split(',').map((name) => (procedures.has(name) ? name : ':unknown'))
    return { group: 'trpc', path: `/trpc/${[...new Set(named)].slice(0, 10).join(',')}` }
  }
  const path = pageOf(asked)
  const segments = path.split('/').slice(1, 10)
  const shown = segments.map((segment) => (segment === '' || WORDS.has(segment) ? segment : ':id'))
  const group = GROUPS.find(([start]) => path === start || path.startsWith(`${start}/`))?.[1] ?? 'pages'
  return { group, path: `/${shown.join('/')}` }
}

/** Remix asks at `/machines.data` for what the page at `/machines` shows, and sends its forms there. */
const pageOf = (path: string): string => path.replace(/^\/_root\.data$/, '/').replace(/\.data$/, '')
