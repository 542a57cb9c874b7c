import { Link } from '@remix-run/react'
import type { ReactNode } from 'react'
import type { Api } from '../../trpc/router'
import type { UserAnswer } from '../../user-forms'
import { Fact, Facts } from '../facts'
import { ModeLink } from '../mode-link'
import { Alert } from '../ui/alert'
import { Badge } from '../ui/badge'
import { buttonClasses } from '../ui/button'
import { RelativeTime } from '../ui/relative-time'
import { ChangeUser } from './change-user'
import { UserQuestion } from './user-question'

export type ListedUser = Awaited<ReturnType<Api['admin']['users']['list']>>['users'][number]
/** What can be asked of a row by its address. */
export const USER_ROW_MODES = ['change', 'disable', 'enable', 'withdraw'] as const
export type UserRowMode = (typeof USER_ROW_MODES)[number]

interface UserRowProps {
  user: ListedUser
  mode: UserRowMode | undefined
  /** The answer of this row's form, when it was refused. */
  refused: UserAnswer | undefined
  /** The address of the page that it is on. */
  here: string
}

/** One of the list. */
export function UserRow(props: UserRowProps) {
  return (
    <li className="p-4" aria-label={props.user.name}>
      <UserFacts {...props} />
    </li>
  )
}

/** Who it is, and what can be done with the account. */
export function UserFacts({ user, mode, refused, here, children }: UserRowProps & { children?: ReactNode }) {
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <div className="flex min-w-0 flex-1 basis-64 flex-col gap-2">
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1 empty:hidden">
            {/* A page of its own has the name as its title. */}
            {!children && (
              <h3 className="font-medium wrap-anywhere">
                <Link to={`/admin/users/${user.id}`} className="hover:underline">
                  {user.name}
                </Link>
              </h3>
            )}
            {user.role === 'admin' && <Badge tone="accent">Administrator</Badge>}
            {user.isYou && <Badge>You</Badge>}
            {user.disabledAt && <Badge tone="danger">Disabled</Badge>}
            {!user.signedInAt && <Badge tone="warning">Invited</Badge>}
          </div>
          <Facts>
            <Fact name="E-mail">{user.email ?? 'none'}</Fact>
            {user.signedInAt ? (
              <Fact name="Last signed in">
                <RelativeTime at={user.signedInAt} tabIndex={-1} />
              </Fact>
            ) : (
              <Fact name="Invited">
                <RelativeTime at={user.createdAt} tabIndex={-1} />
              </Fact>
            )}
            {user.disabledAt && (
              <Fact name="Disabled">
                <RelativeTime at={user.disabledAt} tabIndex={-1} />
              </Fact>
            )}
            {children}
          </Facts>
        </div>
        {!mode && <Modes user={user} here={here} />}
      </div>
      {refused?.fault && mode !== 'change' && <Alert tone="danger">{refused.fault.message}</Alert>}
      {mode === 'change' ? (
        <ChangeUser user={user} refused={refused} here={here} />
      ) : (
        mode && <UserQuestion user={user} mode={mode} here={here} />
      )}
    </div>
  )
}

const withMode = (here: string, mode: UserRowMode, id: string) =>
  `${here}${here.includes('?') ? '&' : '?'}${mode}=${id}`

function Modes({ user, here }: { user: ListedUser; here: string }) {
  const { id, name, email, signedInAt, disabledAt } = user
  const link = (mode: UserRowMode, text: string) => (
    <ModeLink to={withMode(here, mode, id)} label={`${text} ${name}`}>
      {text}
    </ModeLink>
  )
  return (
    <div className="flex flex-wrap gap-2">
      <Link
        to={`/admin/machines?${new URLSearchParams({ user: email ?? id })}`}
        aria-label={`Machines of ${name}`}
        className={buttonClasses({ size: 'sm' })}
      >
        Machines
      </Link>
      {link('change', 'Change')}
      {!signedInAt && link('withdraw', 'Withdraw')}
      {disabledAt ? link('enable', 'Enable') : signedInAt && link('disable', 'Disable')}
    </div>
  )
}
