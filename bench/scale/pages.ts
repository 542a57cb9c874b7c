import { sql } from 'drizzle-orm'
import type { Db } from '~/db/open'

interface Place {
  what: string
  path: string
}

const procedure = (name: string, input?: object) =>
  `/trpc/${name}${input ? `?input=${encodeURIComponent(JSON.stringify(input))}` : ''}`

/** What is measured: pages and procedures, each with an example from the installation itself. */
export function placesOf(db: Db): Place[] {
  const admin = one(db, sql`select id from users where role = 'admin'`)
  const machine = one(
    db,
    sql`select id from machines where user_id = ${admin} and status = 'stopped' order by created_at desc`,
  )
  const request = one(
    db,
    sql`select id from model_requests where user_id = ${admin} and status = 'completed' order by created_at desc`,
  )
  const monthAgo = new Date(Date.now() - 30 * 24 * 60 * 60_000).toISOString().slice(0, 10)
  return [
    ['Machines', '/machines'],
    ['a machine', `/machines/${machine}`],
    ['machines.list', procedure('machines.list')],
    ['machines.options', procedure('machines.options')],
    ['Profile', '/profile'],
    ['Activity', '/profile/activity'],
    ['Usage, 90 days', '/usage?days=90'],
    ['Saves', '/saves'],
    ['Models', '/models'],
    ['models.list, 10', procedure('models.list', { limit: 10 })],
    ['Requests', '/requests'],
    ['a request', `/requests/${request}`],
    ['Admin', '/admin'],
    ['Admin: machines', '/admin/machines'],
    ['Admin: machines that failed', '/admin/machines?status=failed'],
    ['Admin: machines that stopped', '/admin/machines?status=stopped'],
    ['Admin: machines, by name', '/admin/machines?search=machine'],
    ['Admin: machines of one user', `/admin/machines?user=${admin}`],
    ['Admin: machines of a kind and size', '/admin/machines?kind=comfyui&size=standard'],
    ['Admin: machines, nothing found', '/admin/machines?kind=trainer&size=standard'],
    ['Admin: a machine', `/admin/machines/${machine}`],
    ['Admin: failed launches', '/admin/failed-launches'],
    ['Admin: failed, one class', '/admin/failed-launches?class=start_timeout'],
    ['Admin: failed, search', '/admin/failed-launches?search=machine'],
    ['Admin: workers', '/admin/workers'],
    ['admin.queue', procedure('admin.queue')],
    ['Admin: users', '/admin/users'],
    ['Admin: a user', `/admin/users/${admin}`],
    ['Admin: audit', '/admin/audit'],
    ['Admin: audit, one user', `/admin/audit?userId=${admin}`],
    ['Admin: audit, until a month ago', `/admin/audit?to=${monthAgo}`],
    ['Admin: usage, 90 days', '/admin/usage?days=90'],
    ['Admin: settings', '/admin/settings'],
    ['/metrics', '/metrics'],
  ].map(([what = '', path = '']) => ({ what, path }))
}

const one = (db: Db, query: ReturnType<typeof sql>): string => db.get<{ id: string }>(query)?.id ?? 'none'
