import { Link } from '@remix-run/react'
import { Alert } from '../ui/alert'
import type { Token } from './row'

interface RelaunchedProps {
  /** The machines that take over. */
  ids: string[]
  holders: Token['holders']
}

/** What becomes of sessions that were relaunched; nothing more to say once they hold what is saved. */
export function Relaunched({ ids, holders }: RelaunchedProps) {
  const found = (id: string) => holders.find(({ machineId }) => machineId === id)
  const coming = ids.filter((id) => found(id)?.holds === 'soon')
  const [lost] = ids.filter((id) => !found(id))
  if (coming.length)
    return (
      <Alert tone="info" actions={<MachineLink to="/machines">See them start</MachineLink>}>
        {coming.length === 1 ? 'One session is' : `${coming.length} sessions are`} being relaunched, with what
        is saved now.
      </Alert>
    )
  if (!lost) return null
  return (
    <Alert tone="warning" actions={<MachineLink to={`/machines/${lost}`}>See what became of it</MachineLink>}>
      A session that was relaunched doesn’t run.
    </Alert>
  )
}

const MachineLink = ({ to, children }: { to: string; children: string }) => (
  <Link to={to} className="text-accent underline">
    {children}
  </Link>
)
