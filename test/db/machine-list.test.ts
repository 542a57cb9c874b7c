import { eq } from 'drizzle-orm'
import { expect, it, test } from 'vitest'
import { newId } from '~/db/ids'
import { countLiveMachines } from '~/db/machine-counts'
import { findMachineFacts } from '~/db/machine-facts'
import {
  isByName,
  type ListedMachine,
  listEveryonesMachines,
  type MachineListFilter,
  type MachineListPage,
} from '~/db/machine-list'
import { type MachineStatus, machines } from '~/db/schema'
import { testInstallation } from '../support/installation'
import { queryPlans } from '../support/query-plans'

const STATUSES: MachineStatus[] = ['running', 'queued', 'failed', 'stopped', 'stopped', 'stopped']

/** Machines of two users in every state; some are launched at one moment, and some share a name. */
function manyMachines(count = 240) {
  const system = testInstallation()
  const rows = Array.from({ length: count }, (_, at) => {
    const createdAt = 1000 + Math.floor(at / 2)
    return {
      id: newId(),
      userId: at % 5 ? system.admin.id : system.member.id,
      workspaceId: newId(),
      name: ['Alpha', 'alphabet', 'Beta', 'Ñandú', 'al%'][at % 5] as string,
      kind: at % 7 ? ('comfyui' as const) : ('trainer' as const),
      size: at % 3 ? 'standard' : 'large',
      status: STATUSES[at % 6] as MachineStatus,
      errorClass: STATUSES[at % 6] === 'failed' ? 'start_timeout' : null,
      deletedAt: at % 50 === 49 ? 1 : null,
      ...{ attempt: 1, tries: 0, fence: 0, leaseUntil: 0, notBefore: 0, createdAt, updatedAt: createdAt },
    }
  })
  system.db.insert(machines).values(rows).run()
  const list = (filter: MachineListFilter, page: Partial<MachineListPage> = {}) =>
    listEveryonesMachines(system.db, filter, { limit: 1000, ...page })
  const shown = rows.filter(({ deletedAt }) => deletedAt === null)
  return { ...system, rows: shown, list }
}

const newestFirst = (one: ListedMachine, other: ListedMachine) =>
  other.createdAt - one.createdAt || (one.id < other.id ? 1 : -1)
/** From A to Z, and of one name the oldest first. */
const byName = (one: ListedMachine, other: ListedMachine) => {
  const [name, next] = [one.name.toLowerCase(), other.name.toLowerCase()]
  return name === next ? newestFirst(other, one) : name < next ? -1 : 1
}
const idsOf = (found: { id: string }[]) => found.map(({ id }) => id)

const FILTERS: MachineListFilter[] = [
  {},
  { status: 'failed' },
  { status: 'stopped' },
  { kind: 'trainer' },
  { size: 'large' },
  { kind: 'trainer', size: 'large', status: 'stopped' },
  { search: 'alpha' },
  { search: 'AL', status: 'failed' },
  { search: 'al', status: 'stopped', kind: 'comfyui', size: 'standard' },
]

test.each(FILTERS)('machines are found and read page by page, forward and back: %o', (filter) => {
  const { list, rows } = manyMachines()
  const { search, ...equal } = filter
  const wanted = rows
    .filter((row) => Object.entries(equal).every(([name, value]) => row[name as keyof typeof row] === value))
    .filter(({ name }) => name.toLowerCase().startsWith((search ?? '').toLowerCase()))
  const whole = list(filter)
  expect(idsOf(whole).sort()).toEqual(idsOf(wanted).sort())
  expect(whole.length).toBeGreaterThan(3)
  expect(whole).toEqual([...whole].sort(isByName(filter) ? byName : newestFirst))
  const pages = [list(filter, { limit: 7 })]
  for (let last = pages[0]?.at(-1); last; last = pages.at(-1)?.at(-1))
    pages.push(list(filter, { limit: 7, before: last }))
  expect(pages.flat()).toEqual(whole)
  expect(list(filter, { limit: 7, after: whole[7] })).toEqual(whole.slice(0, 7))
})

it('machines are found by owner, and by what their id begins with, from its sixth character', () => {
  const { list, rows, member } = manyMachines()
  const own = rows.filter(({ userId }) => userId === member.id)
  expect(idsOf(list({ userId: member.id })).sort()).toEqual(idsOf(own).sort())
  expect(list({ userId: member.id, search: 'b' })).toEqual([])
  const [one] = rows
  expect(idsOf(list({ search: one?.id.slice(0, 6) }))).toEqual([one?.id])
  expect(list({ search: one?.id.slice(0, 5) })).toEqual([])
  expect(list({ search: one?.id, status: 'stopping' })).toEqual([])
})

it('next to what an id leads to are no machines whose names begin as it does', () => {
  const { db, list, rows } = manyMachines()
  const [one, other] = rows.map(({ id }) => id)
  const search = one?.slice(0, 6)
  db.update(machines)
    .set({ name: search })
    .where(eq(machines.id, other as string))
    .run()
  const found = list({ search })
  expect(idsOf(found)).toEqual([one])
  for (const page of [{ before: found[0] }, { after: found[0] }])
    expect(list({ search }, { limit: 7, ...page })).toEqual([])
})

it('a text is no pattern', () => {
  const { list } = manyMachines()
  expect([...new Set(list({ search: 'al%' }).map(({ name }) => name))]).toEqual(['al%'])
  expect(list({ search: '_' })).toEqual([])
  expect([...new Set(list({ search: 'Ñ' }).map(({ name }) => name))]).toEqual(['Ñandú'])
})

const cursor = { createdAt: 1050, id: 'm', name: 'm' }
const listed = (filter: MachineListFilter) => (site: ReturnType<typeof manyMachines>) => {
  site.list(filter)
  site.list(filter, { before: cursor })
  site.list(filter, { after: cursor })
}
/** Its end is the limit of the page. */
const IN_ORDER = 'SCAN machines USING INDEX machines_by_creation'

test.each<[string, (site: ReturnType<typeof manyMachines>) => unknown, string]>([
  ['all of them', listed({}), 'machines_by_creation'],
  ['a state', listed({ status: 'failed', kind: 'comfyui' }), 'machines_by_status_and_creation (status=?'],
  ['what has stopped', listed({ status: 'stopped' }), 'machines_by_status_and_creation (status=?'],
  ['an owner', listed({ userId: 'x', status: 'failed', search: 'b' }), 'machines_by_user (user_id=?'],
  ['a kind', listed({ kind: 'trainer', status: 'stopped' }), 'machines_by_kind (kind=?'],
  ['a size', listed({ size: 'large', status: 'stopped' }), 'machines_by_size (size=?'],
  ['a size of a rare kind', listed({ size: 'standard', kind: 'trainer' }), 'machines_by_kind (kind=?'],
  ['names', listed({ search: 'b', status: 'stopped', kind: 'trainer' }), 'machines_by_name (name>'],
  ['names after one', listed({ search: 'b' }), '(name,created_at,id)>(?,?,?)'],
  ['names before one', listed({ search: 'b' }), '(name,created_at,id)<(?,?,?)'],
  ['an id', listed({ search: 'abcdefgh' }), 'sqlite_autoindex_machines_1 (id>'],
  ['one machine', ({ db }) => findMachineFacts(db, 'x'), 'sqlite_autoindex_machines_1 (id=?'],
  ['live machines', ({ db }) => countLiveMachines(db), 'COVERING INDEX machines_by_status_and_creation'],
])('no history of machines is gone through or sorted for %s', (_what, work, index) => {
  const site = manyMachines()
  const plans = queryPlans(site.db, ['machines'], () => work(site))
  expect(plans.filter((plan) => plan.includes(index))).not.toEqual([])
  expect(plans.filter((plan) => !/^SEARCH .* USING .*INDEX/.test(plan) && plan !== IN_ORDER)).toEqual([])
})
