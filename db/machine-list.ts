import { and, asc, desc, eq, gte, inArray, isNull, lt, type SQL, sql } from 'drizzle-orm'
import type { MachineKind } from '../providers/registry'
import type { Machine } from './machine-states'
import { atOneMoment, type Db, type Reader } from './open'
import { type MachineStatus, machines, users } from './schema'

/** Everybody's machines, as an administrator lists them: a page reads a part of one index, however many there are. */

export interface MachineListFilter {
  status?: MachineStatus | undefined
  userId?: string | undefined
  kind?: MachineKind | undefined
  size?: string | undefined
  /** What a name begins with; or an id, from its sixth character. */
  search?: string | undefined
}

/** The place of a machine in the list. */
export type MachineCursor = Pick<Machine, 'createdAt' | 'id' | 'name'>

/** Which page: next to a machine, or, without one, the first. */
export interface MachineListPage {
  /** Machines that come after this one in the list. */
  before?: MachineCursor | undefined
  /** Machines that come before it, ending with the one right before it. */
  after?: MachineCursor | undefined
  limit: number
}

const columns = {
  id: machines.id,
  userId: machines.userId,
  replacedBy: machines.replacedBy,
  name: machines.name,
  kind: machines.kind,
  size: machines.size,
  status: machines.status,
  errorClass: machines.errorClass,
  attempt: machines.attempt,
  createdAt: machines.createdAt,
  updatedAt: machines.updatedAt,
}
export type ListedMachine = Pick<Machine, keyof typeof columns> & { userName: string }

const ID_BEGINNING = /^[a-z2-7]{6,16}$/
/** In an index beyond everything that begins with the text before it. */
const END = '\u{10ffff}'
/** Compared as a row, only columns themselves are looked for in an index; the other side says in which case. */
const columnsOfName = [machines.name, machines.createdAt, machines.id]
const nameInAnyCase = sql`${machines.name} collate nocase`

/** Whether the list is in the order of names: where no other filter leaves fewer machines than the search. */
export const isByName = ({ userId, status, search }: MachineListFilter): boolean =>
  !!search && !userId && (!status || status === 'stopped')

/**
 * The newest first. Names that begin with a text are in the order of their index: from A to Z, and of one name
 * the oldest first. A text that ids begin with finds those machines alone, all on one page.
 */
export const listEveryonesMachines = (
  db: Db,
  filter: MachineListFilter,
  page: MachineListPage,
): ListedMachine[] =>
  atOneMoment(db, (at) => {
    const isId = ID_BEGINNING.test(filter.search ?? '') && read(at, 'id', filter, { limit: 1 }).length > 0
    return withNames(at, read(at, isId ? 'id' : narrowest(at, filter), filter, page))
  })

/** By which index machines are read. */
type Way = keyof MachineListFilter | 'id' | undefined

/** What leaves the fewest machines, as a rule, to be held against the rest of the filter. */
function narrowest(db: Reader, filter: MachineListFilter): Way {
  const { userId, status, size, kind } = filter
  if (isByName(filter)) return 'search'
  if (userId) return 'userId'
  if (status && status !== 'stopped') return 'status'
  if (size && !(kind && isRare(db, kind))) return 'size'
  return kind ? 'kind' : status && 'status'
}

const RARE = 1000

/** Whether all machines of a kind are soon read: then a size that none of them has is not looked for among all. */
const isRare = (db: Reader, kind: MachineKind): boolean =>
  !db.select({ id: machines.id }).from(machines).where(eq(machines.kind, kind)).limit(1).offset(RARE).get()

function read(db: Reader, way: Way, filter: MachineListFilter, { before, after, limit }: MachineListPage) {
  const order =
    way === 'search'
      ? [nameInAnyCase, machines.createdAt, machines.id]
      : way === 'id'
        ? [machines.id]
        : [machines.createdAt, machines.id]
  const isRising = way === 'search'
  const [above, below] = isRising ? [before, after] : [after, before]
  const place = ({ name, createdAt, id }: MachineCursor) =>
    way === 'search'
      ? sql`(${name} collate nocase, ${createdAt}, ${id})`
      : way === 'id'
        ? sql`(${id})`
        : sql`(${createdAt}, ${id})`
  const beside = (cursor: MachineCursor | undefined, sign: SQL) =>
    cursor && sql`(${sql.join(way === 'search' ? columnsOfName : order, sql`, `)}) ${sign} ${place(cursor)}`
  const rows = db
    .select(columns)
    .from(machines)
    .where(
      and(
        isNull(machines.deletedAt),
        ...passes(way, filter, { above, below }),
        beside(above, sql`>`),
        beside(below, sql`<`),
      ),
    )
    .orderBy(...order.map(isRising === !after ? asc : desc))
    .limit(limit)
    .all()
  return after ? rows.reverse() : rows
}

/** The unary plus keeps SQLite from an index that would have to be sorted afterwards. */
function passes(
  way: Way,
  { search, ...filter }: MachineListFilter,
  { above, below }: { above: MachineCursor | undefined; below: MachineCursor | undefined },
): (SQL | undefined)[] {
  const equals = (Object.keys(filter) as (keyof typeof filter)[]).map((name) => {
    const value = filter[name]
    if (value === undefined) return undefined
    return way === name ? eq(machines[name], value) : sql`+${machines[name]} = ${value}`
  })
  if (!search) return equals
  const text = way === 'id' ? machines.id : way === 'search' ? nameInAnyCase : sql`+${nameInAnyCase}`
  // Next to a machine the index is read from that one, and not from the end that its place replaces.
  return [
    ...equals,
    gte((above ? sql`+${text}` : text) as SQL, search),
    lt((below ? sql`+${text}` : text) as SQL, `${search}${END}`),
  ]
}

/** Adds whose they are, in one question. */
function withNames(db: Reader, rows: Pick<Machine, keyof typeof columns>[]): ListedMachine[] {
  const owners = db
    .select({ id: users.id, name: users.name })
    .from(users)
    .where(inArray(users.id, [...new Set(rows.map(({ userId }) => userId))]))
    .all()
  const names = new Map(owners.map(({ id, name }) => [id, name]))
  return rows.map((row) => ({ ...row, userName: names.get(row.userId) ?? '' }))
}
