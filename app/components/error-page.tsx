import { isRouteErrorResponse, Link, useLocation, useRouteError } from '@remix-run/react'
import type { ReactNode } from 'react'
import { BrandLink } from './brand'
import { buttonClasses } from './ui/button'

export const NOTHING_HERE = 'There is nothing under this address.'

/** Where there is no frame to be shown in. */
export const ErrorPage = () => (
  <>
    <header className="border-b bg-surface">
      <div className="mx-auto flex h-13 max-w-5xl items-center px-4">
        <BrandLink />
      </div>
    </header>
    <main className="mx-auto flex max-w-5xl flex-col px-4">
      <ErrorMessage />
    </main>
  </>
)

/** What a person sees when a page can't be shown: what happened and where to go. */
export function ErrorMessage() {
  const error = useRouteError()
  const { pathname, search } = useLocation()
  return (
    <Said {...explain(error)}>
      <div className="flex flex-wrap gap-2">
        {isWorthAnotherTry(error) && (
          <Link to={pathname + search} reloadDocument className={buttonClasses()}>
            Try again
          </Link>
        )}
        {!isConnectionLost(error) && <ToMachines />}
      </div>
    </Said>
  )
}

export const NotFound = () => (
  <Said title="Not found" text={NOTHING_HERE}>
    <ToMachines />
  </Said>
)

function Said({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <div className="mx-auto flex w-full max-w-md flex-col items-start gap-3 py-24">
      <h1 className="text-xl font-semibold">{title}</h1>
      <p className="text-muted">{text}</p>
      {children}
    </div>
  )
}

const ToMachines = () => (
  <Link to="/machines" className={buttonClasses()}>
    To your machines
  </Link>
)

/** What `fetch` says in a browser when no answer came at all; each says it differently. */
const isConnectionLost = (error: unknown) =>
  error instanceof TypeError && /fetch|network|load failed/i.test(error.message)

/** Everything but what was refused for a reason that stays. */
const isWorthAnotherTry = (error: unknown) =>
  !isRouteErrorResponse(error) || error.status >= 500 || error.status === 429

/** @param error what a route threw */
function explain(error: unknown): { title: string; text: string } {
  const status = isRouteErrorResponse(error) ? error.status : 500
  const said = isRouteErrorResponse(error) && typeof error.data === 'string' ? error.data : ''
  if (status === 404) return { title: 'Not found', text: said || NOTHING_HERE }
  if (status === 403) return { title: 'Not allowed', text: said || 'This page is not for you.' }
  if (isConnectionLost(error))
    return {
      title: 'No connection',
      text: 'The server did not answer. Look at your network, then try again.',
    }
  return {
    title: 'This page can’t be shown',
    text: said || 'Try again. If it stays, the log of the server says more.',
  }
}

/** The title of what is shown instead of a page. */
export const errorTitle = (error: unknown) => `${explain(error).title} · Slipway`
