import { isRouteErrorResponse, Link, useLocation, useRouteError } from '@remix-run/react'
import { buttonClasses } from './ui/button'

/** What a person sees when a page can't be shown: what happened and where to go. */
export function ErrorPage() {
  const error = useRouteError()
  const { title, text } = explain(error)
  const { pathname, search } = useLocation()
  return (
    <main className="mx-auto flex max-w-md flex-col items-start gap-3 px-4 py-24">
      <h1 className="text-xl font-semibold">{title}</h1>
      <p className="text-muted">{text}</p>
      {isConnectionLost(error) ? (
        <Link to={pathname + search} reloadDocument className={buttonClasses()}>
          Try again
        </Link>
      ) : (
        <Link to="/machines" className={buttonClasses()}>
          To your machines
        </Link>
      )}
    </main>
  )
}

/** What `fetch` says in a browser when no answer came at all; each says it differently. */
const isConnectionLost = (error: unknown) =>
  error instanceof TypeError && /fetch|network|load failed/i.test(error.message)

function explain(error: unknown): { title: string; text: string } {
  const status = isRouteErrorResponse(error) ? error.status : 500
  const said = isRouteErrorResponse(error) && typeof error.data === 'string' ? error.data : ''
  if (status === 404) return { title: 'Not found', text: said || 'There is nothing under this address.' }
  if (status === 403) return { title: 'Not allowed', text: said || 'This page is not for you.' }
  if (isConnectionLost(error))
    return {
      title: 'No connection',
      text: 'The server did not answer. Look at your network, then try again.',
    }
  return {
    title: 'Something went wrong',
    text: said || 'Try again. If it stays, the log of the server says more.',
  }
}
