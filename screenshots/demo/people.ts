import { eq } from 'drizzle-orm'
import { createApiToken } from '~/db/api-tokens'
import { type Actor, record } from '~/db/audit'
import { inviteUser } from '~/db/invitations'
import type { Clock } from '~/db/open'
import { saveProviderToken } from '~/db/provider-tokens'
import { providerTokens, users, userTokens } from '~/db/schema'
import { createSession } from '~/db/sessions'
import { chooseUsername, createUser, disableUser, type User } from '~/db/users'
import type { ProviderId } from '~/providers/registry'
import type { TokenCheck, ValidToken } from '~/providers/token-check'
import { days, hours, minutesAgo } from '../moments'
import type { Place } from '.'

export const at =
  (minutes: number): Clock =>
  () =>
    minutesAgo(minutes)

export const FROM = {
  address: '198.51.100.24',
  userAgent:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
}
const AT_HOME = {
  address: '203.0.113.80',
  userAgent:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
}

export const actor = ({ id, name }: User): Actor => ({ kind: 'user', id, name, address: FROM.address })

const VALID: Omit<ValidToken, 'account'> = {
  state: 'valid',
  role: 'read',
  expiresAt: null,
  warnings: [],
  gatedRead: 'yes',
}

/** An administrator who has everything, people who use it, and one who has only just come. */
export function fillPeople({ db, installation }: Place) {
  const create = (name: string, email: string, role: 'admin' | 'member', since: number, seen: number) => {
    const user = createUser(db, { name, email, role }, at(since))
    db.update(users)
      .set({ signedInAt: minutesAgo(seen) })
      .where(eq(users.id, user.id))
      .run()
    return user
  }
  const ada = create('Ada Lovelace', 'ada@example.org', 'admin', days(120), 2)
  const byAda = actor(ada)
  const mo = create('Mo Tanaka', 'mo@example.org', 'member', days(90), 35)
  const lin = create('Lin Ferreira', 'lin@example.org', 'member', days(41), hours(5))
  const kim = create('Kim Okafor', 'kim@example.org', 'member', days(1), 12)
  const former = create('Sam Novak', 'sam@example.org', 'member', days(80), days(30))
  inviteUser(db, { email: 'noor@example.org', name: 'Noor', role: 'member' }, byAda, at(days(2)))
  disableUser(db, former.id, byAda, at(days(20)))
  chooseUsername(db, ada.id, 'ada', byAda, at(days(60)))
  chooseUsername(db, mo.id, 'mo', actor(mo), at(days(55)))

  const save = (user: User, provider: ProviderId, token: string, since: number, check: TokenCheck) =>
    saveProviderToken({ db, installation, clock: at(since) }, user.id, provider, token, actor(user), check)
  save(ada, 'huggingface', `hf_${'Qw7'.repeat(11)}x`, days(12), { ...VALID, account: 'ada-lovelace' })
  save(ada, 'civitai', 'c1v0'.repeat(8), hours(3), {
    state: 'valid',
    account: 'ada',
    role: null,
    expiresAt: null,
    warnings: [],
  })
  save(mo, 'huggingface', `hf_${'Tz4'.repeat(11)}y`, days(8), {
    state: 'refused',
    message: 'Invalid credentials',
  })
  save(lin, 'huggingface', `hf_${'Kp2'.repeat(11)}z`, days(5), { ...VALID, account: 'lin-f' })

  db.update(providerTokens)
    .set({ checkedAt: minutesAgo(hours(5)) })
    .run()

  const token = (name: string, type: 'api' | 'cli', scopes: string[], since: number, used?: number) => {
    const expiresAt = type === 'cli' ? null : minutesAgo(-days(45))
    const clientId = type === 'cli' ? { clientId: 'runcomfy' } : {}
    const given = { userId: ada.id, type, ...clientId, name, scopes, expiresAt }
    const { id } = createApiToken(db, given, byAda, at(since))
    if (used !== undefined)
      db.update(userTokens)
        .set({ lastUsedAt: minutesAgo(used) })
        .where(eq(userTokens.id, id))
        .run()
  }
  token('Render farm', 'api', ['machines:write', 'models:read'], days(20), 9)
  token('Nightly previews', 'api', ['models:write'], days(6))
  token('runcomfy on studio-laptop', 'cli', ['write'], days(3), hours(2))

  createSession(db, { userId: ada.id, from: AT_HOME }, at(days(1)))
  record(db, { action: 'sign_in', by: { ...byAda, address: AT_HOME.address } }, at(days(1)))
  record(db, { action: 'sign_in', by: actor(kim) }, at(12))
  record(db, { action: 'sign_in', by: byAda }, at(2))
  return { ada, mo, lin, kim, byAda }
}

export type People = ReturnType<typeof fillPeople>
