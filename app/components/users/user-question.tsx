import { Confirm } from '../confirm'
import type { ListedUser, UserRowMode } from './user-row'

interface UserQuestionProps {
  user: ListedUser
  mode: Exclude<UserRowMode, 'change'>
  /** The page to come back to. */
  here: string
}

/** Asks before an account is shut, opened again, or forgotten. */
export function UserQuestion({ user, mode, here }: UserQuestionProps) {
  const question = { action: here, back: here, fields: { intent: mode, id: user.id } }
  if (mode === 'disable')
    return (
      <Confirm {...question} does="Disable" keeps="Leave it">
        {user.isYou ? 'Disable your own account' : `Disable ${user.name}`}? Sessions and open connections end
        at once, and API tokens are revoked for good. Machines keep running, and what is saved stays.
      </Confirm>
    )
  if (mode === 'enable')
    return (
      <Confirm {...question} does="Enable" keeps="Leave it" tone="primary">
        Let {user.name} sign in again? API tokens stay revoked.
      </Confirm>
    )
  return (
    <Confirm {...question} does="Withdraw" keeps="Keep it">
      Withdraw the invitation of {user.email ?? user.name}? Nobody can sign in with it any more.
    </Confirm>
  )
}
