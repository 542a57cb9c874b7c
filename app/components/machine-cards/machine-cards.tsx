import { Link, useSearchParams } from '@remix-run/react'
import { useId } from 'react'
import { buttonClasses } from '../ui/button'
import { arrange, type ListedMachine } from './arrange'
import { MachineCard } from './machine-card'

interface MachineCardsProps {
  listed: readonly ListedMachine[]
  which: Parameters<typeof arrange>[1]
  showsSizes: boolean
}

/** A user's machines, what runs first, and the way to those that ended long ago. */
export function MachineCards({ listed, which, showsSizes }: MachineCardsProps) {
  const { machines, hidden, older } = arrange(listed, which)
  const id = useId()
  const [params] = useSearchParams()
  const here = new URLSearchParams(params)
  here.delete('stop')
  return (
    <section aria-labelledby={id} className="flex flex-col gap-3">
      <h2 id={id} className="text-base font-semibold">
        {which === 'older' ? 'Older machines' : 'Your machines'}
      </h2>
      {machines.length === 0 && <p className="text-muted">None of these has ended.</p>}
      <ul className="grid gap-4 md:grid-cols-2">
        {machines.map((machine) => (
          <MachineCard
            key={machine.id}
            machine={machine}
            showsSize={showsSizes}
            here={`?${here}`}
            isAsked={params.get('stop') === machine.id}
          />
        ))}
      </ul>
      <nav aria-label="More machines" className="flex flex-wrap gap-2 empty:hidden">
        {which === 'older' && (
          <Link to="/machines" className={buttonClasses({ size: 'sm' })}>
            Newest machines
          </Link>
        )}
        {hidden > 0 && (
          <Link to="?all" preventScrollReset className={buttonClasses({ size: 'sm' })}>
            Show {hidden} more that have ended
          </Link>
        )}
        {older && (
          <Link to={`?before=${older}`} className={buttonClasses({ size: 'sm' })}>
            Older machines
          </Link>
        )}
      </nav>
    </section>
  )
}
