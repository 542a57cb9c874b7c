import { isRouteErrorResponse, Link, useRouteError } from '@remix-run/react'
import { buttonClasses } from './ui/button'

/** What a person sees when a page can't be shown: what happened and where to go. */
export function ErrorPage() {
  const { title, text } = explain(useRouteError())
  return (
    <main className="mx-auto flex max-w-md flex-col items-start gap-3 px-4 py-24">
      <h1 className="text-xl font-semibold">{title}</h1>
      <p className="text-muted">{text}</p>
      <Link to="/machines" className={buttonClasses()}>
        To your machines
      </Link>
    </main>
  )
}

function explain(error: unknown): { title: string; text: string } {
  const status = isRouteErrorResponse(error) ? error.status : 500
  const said = isRouteErrorResponse(error) && typeof error.data === 'string' ? error.data : ''
  if (status === 404) return { title: 'Not found', text: said || 'There is nothing under this address.' }
  if (status === 403) return { title: 'Not allowed', text: said || 'This page is not for you.' }
  return {
    title: 'Something went wrong',
    text: said || 'Try again. If it stays, the log of the server says more.',
  }
}
