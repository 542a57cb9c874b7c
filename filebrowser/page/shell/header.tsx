import { ArrowLeft, HardDrive } from 'lucide-react'
import type { ReactNode } from 'react'
import type { SessionView } from '../../contract'

/** The machine's name, the way back to its page, and the navigation. */
export function Header({ session, children }: { session?: SessionView; children: ReactNode }) {
  return (
    <header className="border-b bg-surface">
      <div className="mx-auto max-w-350 px-4 sm:px-6">
        <div className="flex items-center gap-2.5 pt-3.5 pb-1">
          <HardDrive aria-hidden className="size-5 shrink-0 text-muted" />
          <h1 className="min-w-0 flex-1 truncate text-lg font-semibold" title={session?.machine}>
            {session?.machine ?? 'Machine'}
          </h1>
          {session?.machineUrl && (
            <a
              href={session.machineUrl}
              className="inline-flex shrink-0 items-center gap-1.5 text-accent hover:underline"
            >
              <ArrowLeft aria-hidden className="size-4" />
              Machine’s page
            </a>
          )}
        </div>
        {children}
      </div>
    </header>
  )
}
