import type { Api } from '../../trpc/router'
import type { UserAnswer } from '../../user-forms'
import { Fact, Facts } from '../facts'
import { ModeLink } from '../mode-link'
import { Alert } from '../ui/alert'
import { Badge } from '../ui/badge'
import { RelativeTime } from '../ui/relative-time'
import { ChangeUser } from './change-user'
import { UserQuestion } from './user-question'

export type ListedUser = Awaited<ReturnType<Api['admin']['users']['list']>>[number]
export type UserRowMode = 'change' | 'disable' | 'enable' | 'withdraw'

interface UserRowProps {
  user: ListedUser
  mode: UserRowMode | undefined
  /** The answer of this row's form, when it was refused. */
  refused: UserAnswer | undefined
}

export function UserRow({ user, mode, refused }: UserRowProps) {
  return (
    <li className="flex flex-col gap-3 p-4" aria-label={user.name}>
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <div className="flex min-w-0 flex-1 basis-64 flex-col gap-2">
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <h3 className="font-medium wrap-anywhere">{user.name}</h3>
            {user.role === 'admin' && <Badge tone="accent">Administrator</Badge>}
            {user.isYou && <Badge>You</Badge>}
            {user.disabledAt && <Badge tone="danger">Disabled</Badge>}
            {!user.signedInAt && <Badge tone="warning">Invited</Badge>}
          </div>
          <Facts>
            <Fact name="E-mail">{user.email ?? 'none'}</Fact>
            {user.signedInAt ? (
              <Fact name="Last signed in">
                <RelativeTime at={user.signedInAt} />
              </Fact>
            ) : (
              <Fact name="Invited">
                <RelativeTime at={user.createdAt} />
              </Fact>
            )}
            {user.disabledAt && (
              <Fact name="Disabled">
                <RelativeTime at={user.disabledAt} />
              </Fact>
            )}
          </Facts>
        </div>
        {!mode && <Modes user={user} />}
      </div>
      {refused?.fault && mode !== 'change' && <Alert tone="danger">{refused.fault.message}</Alert>}
      {mode === 'change' ? (
        <ChangeUser user={user} refused={refused} />
      ) : (
        mode && <UserQuestion user={user} mode={mode} />
      )}
    </li>
  )
}

function Modes({ user: { id, name, signedInAt, disabledAt } }: { user: ListedUser }) {
  const link = (mode: UserRowMode, text: string) => (
    <ModeLink to={`?${mode}=${id}`} label={`${text} ${name}`}>
      {text}
    </ModeLink>
  )
  return (
    <div className="flex flex-wrap gap-2">
      {link('change', 'Change')}
      {!signedInAt && link('withdraw', 'Withdraw')}
      {disabledAt ? link('enable', 'Enable') : signedInAt && link('disable', 'Disable')}
    </div>
  )
}
