import { useLocation } from '@remix-run/react'
import { Confirm } from '../confirm'
import { KEEPS_RUNNING, MACHINE_QUESTIONS } from '../machine-questions'
import type { Token } from './row'

interface RelaunchQuestionProps {
  provider: Token['provider']
  /** All that would be relaunched. */
  sessions: Token['holders']
}

/** Asks before sessions are ended to be given what is saved now. */
export function RelaunchQuestion({ provider, sessions }: RelaunchQuestionProps) {
  const { pathname } = useLocation()
  const [session] = sessions
  const isOne = sessions.length === 1
  if (!session) return null
  const { asks, says, does } = MACHINE_QUESTIONS.relaunch
  const [question, consequence, button] = isOne
    ? [asks(session.name), says, does]
    : [
        `Relaunch all ${sessions.length}?`,
        'They stop, and others take over their files with the tokens as they are saved now. What they are working on ends.',
        'Relaunch them',
      ]
  return (
    <Confirm
      action={pathname}
      fields={
        isOne ? { provider, intent: 'relaunch', id: session.machineId } : { provider, intent: 'relaunch-all' }
      }
      does={button}
      keeps={isOne ? KEEPS_RUNNING : 'Keep them running'}
    >
      <p className="font-medium">{question}</p>
      <p className="text-muted">{consequence}</p>
    </Confirm>
  )
}
