import { and, eq, gt, isNull, lt, sql } from 'drizzle-orm'
import { notFound } from '../errors'
import { type Clock, type Db, immediately } from './open'
import { prepared } from './prepared'
import {
  type MachineStatus,
  machineAccess,
  machineServices,
  machines,
  type ServiceName,
  sessions,
  users,
} from './schema'
import { hashSecret, mintSecret } from './secrets'
import { isSessionLive, touchSession } from './sessions'

const TICKET_LIFE_MS = 30_000
const COOKIE_LIFE_MS = 12 * 60 * 60 * 1000
export const MACHINE_COOKIE_LIFE_SECONDS = COOKIE_LIFE_MS / 1000

interface Target {
  machineId: string
  service: ServiceName
}

/**
 * A ticket for one service of one machine of this user, good once and for 30 seconds.
 * @throws AppError `not_found` when the user has no such running service
 */
export function createMachineTicket(
  db: Db,
  { userId, sessionId, machineId, service }: Target & { userId: string; sessionId: string },
  clock: Clock,
): string {
  const { secret, hash } = mintSecret('machine-ticket')
  const now = clock()
  immediately(db, (tx) => {
    const running = tx
      .select({ id: machines.id })
      .from(machines)
      .innerJoin(machineServices, eq(machineServices.machineId, machines.id))
      .where(
        and(
          eq(machines.id, machineId),
          eq(machines.userId, userId),
          eq(machines.status, 'running'),
          eq(machineServices.name, service),
        ),
      )
      .get()
    if (!running) throw notFound('running service')
    tx.delete(machineAccess).where(lt(machineAccess.expiresAt, now)).run()
    tx.insert(machineAccess)
      .values({ secretHash: hash, machineId, service, sessionId, expiresAt: now + TICKET_LIFE_MS })
      .run()
  })
  return secret
}

/** Turns a ticket into the secret of that host's cookie. Undefined when it is used, late, or for elsewhere. */
export function redeemMachineTicket(
  db: Db,
  ticket: string,
  target: Target,
  clock: Clock,
): string | undefined {
  const { secret, hash } = mintSecret('machine-cookie')
  const now = clock()
  return immediately(db, (tx) => {
    const used = tx
      .delete(machineAccess)
      .where(isAccess({ ...target, hash: hashSecret('machine-ticket', ticket), now }))
      .returning()
      .get()
    if (!used) return undefined
    tx.insert(machineAccess)
      .values({ ...used, secretHash: hash, expiresAt: now + COOKIE_LIFE_MS })
      .run()
    return secret
  })
}

const isAccess = ({
  hash,
  machineId,
  service,
  now,
}: typeof given | (Target & { hash: string; now: number })) =>
  and(
    eq(machineAccess.secretHash, hash),
    eq(machineAccess.machineId, machineId),
    eq(machineAccess.service, service),
    gt(machineAccess.expiresAt, now),
  )

const given = {
  hash: sql.placeholder('hash'),
  machineId: sql.placeholder('machineId'),
  service: sql.placeholder('service'),
  now: sql.placeholder('now'),
}

const accessBySecret = prepared((db) =>
  db
    .select({
      status: machines.status,
      address: machineServices.address,
      session: { id: sessions.id, lastSeenAt: sessions.lastSeenAt },
    })
    .from(machineAccess)
    .innerJoin(machines, eq(machines.id, machineAccess.machineId))
    .innerJoin(sessions, and(eq(sessions.id, machineAccess.sessionId), eq(sessions.userId, machines.userId)))
    .innerJoin(users, eq(users.id, sessions.userId))
    .leftJoin(
      machineServices,
      and(eq(machineServices.machineId, machines.id), eq(machineServices.name, given.service)),
    )
    .where(and(isAccess(given), isSessionLive(given.now)))
    .prepare(),
)

/**
 * What a machine host's cookie gives: where the machine stands, and the service's last known address.
 * Whoever works in a machine uses their session.
 */
export function findMachineAccess(
  db: Db,
  cookie: string,
  target: Target,
  clock: Clock,
): { status: MachineStatus; address: string | null } | undefined {
  const now = clock()
  const row = accessBySecret(db).get({ ...target, hash: hashSecret('machine-cookie', cookie), now })
  if (!row) return undefined
  touchSession(db, row.session, now)
  return { status: row.status, address: row.address }
}

/** The same for whoever has proved otherwise that they are this user. */
export const findOwnService = (
  db: Db,
  userId: string,
  { machineId, service }: Target,
): { status: MachineStatus; address: string | null } | undefined =>
  db
    .select({ status: machines.status, address: machineServices.address })
    .from(machines)
    .leftJoin(
      machineServices,
      and(eq(machineServices.machineId, machines.id), eq(machineServices.name, service)),
    )
    .where(and(eq(machines.id, machineId), eq(machines.userId, userId), isNull(machines.deletedAt)))
    .get()
