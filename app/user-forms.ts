import { type FormFault, submitted } from './guard'
import type { Api } from './trpc/router'

/** What a form of the users' pages was answered. */
export interface UserAnswer {
  /** What was sent, to fill the form again; `id` is the user's. */
  given: Record<string, string>
  fault?: FormFault
  /** What was done, in a sentence, */
  told?: string
  /** and whether something is left to do by hand. */
  needsYou?: boolean
}

type Mailed = Awaited<ReturnType<Api['admin']['users']['invite']>>['mailed']

const INVITED: Record<Mailed, (email: string, signInUrl: string) => string> = {
  sent: (email) => `${email} is invited, and has mail that says so.`,
  failed: (email, signInUrl) =>
    `${email} may sign in now, but the mail about it could not be sent: tell them to open ${signInUrl} and sign in with this address. Have the mail server looked at first, for their sign-in link would go the same way.`,
  no_server: (email, signInUrl) =>
    `${email} may sign in now. This server sends no mail: tell them to open ${signInUrl} and sign in with this address. Their sign-in link is then printed in the server’s output, and somebody has to hand it over.`,
}

/** An empty field is null; what is no number stays for the schema to refuse. */
const numberOf = (text = '') => (text.trim() === '' ? null : Number(text))

/** Does what a form of the users' pages asks for; the procedures' schemas decide whether it may. */
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
      return answer(users.invite({ email, name: name || undefined, role }), ({ mailed, signInUrl }) => ({
        told: INVITED[mailed](email, signInUrl),
        needsYou: mailed !== 'sent',
      }))
    case 'withdraw':
      return answer(users.withdraw({ id }), () => ({ told: 'The invitation is withdrawn.' }))
    case 'disable':
      return answer(users.disable({ id }), () => ({ told: 'The account is disabled.' }))
    case 'enable':
      return answer(users.enable({ id }), () => ({ told: 'The account is open again.' }))
    case 'limits':
      return answer(
        users.changeLimits({
          id,
          machines: numberOf(given.machines),
          sessionHours: numberOf(given.sessionHours),
          diskGib: numberOf(given.diskGib),
        }),
        () => ({ told: 'The limits are saved. They hold from the next launch or extension on.' }),
      )
    default:
      return answer(users.change({ id, name, email: email || undefined, role }), () => ({ told: 'Saved.' }))
  }
}
