import { type FormFault, submitted } from './guard'
import type { Api } from './trpc/router'

/** What a form of the users page was answered. */
export interface UserAnswer {
  /** What was sent, to fill the form again; `id` is the user's. */
  given: Record<string, string>
  fault?: FormFault
  /** What was done, in a sentence, */
  told?: string
  /** and whether something is left to do by hand. */
  needsYou?: boolean
}

/** Does what a form of the users page asks for; the procedures' schemas decide whether it may. */
export async function userAction(
  { admin: { users } }: Api,
  given: Record<string, string>,
): Promise<UserAnswer> {
  const { id = '', email = '', name = '' } = given
  const role = given.role as Parameters<typeof users.change>[0]['role']
  const answer = async <T>(work: Promise<T>, tell: (done: T) => Pick<UserAnswer, 'told' | 'needsYou'>) => {
    const { fault, done } = await submitted(work)
    return fault ? { given, fault } : { given, ...tell(done as T) }
  }

  switch (given.intent) {
    case 'invite':
      return answer(users.invite({ email, name: name || undefined, role }), ({ mailed, signInUrl }) =>
        mailed
          ? { told: `${email} is invited, and has mail that says so.` }
          : {
              told: `${email} may sign in now. No mail was sent: tell them to open ${signInUrl} and sign in with this address.`,
              needsYou: true,
            },
      )
    case 'withdraw':
      return answer(users.withdraw({ id }), () => ({ told: 'The invitation is withdrawn.' }))
    case 'disable':
      return answer(users.disable({ id }), () => ({ told: 'The account is disabled.' }))
    case 'enable':
      return answer(users.enable({ id }), () => ({ told: 'The account is open again.' }))
    default:
      return answer(users.change({ id, name, email: email || undefined, role }), () => ({ told: 'Saved.' }))
  }
}
