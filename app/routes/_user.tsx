import { type LoaderFunctionArgs, type MetaFunction, redirect } from '@remix-run/node'
import { Outlet, type ShouldRevalidateFunction, useLoaderData, useRouteLoaderData } from '@remix-run/react'
import { ErrorMessage, ErrorPage, errorTitle } from '../components/error-page'
import { Frame } from '../components/frame/frame'
import { keepsShown } from '../components/keeps-shown'
import { signInPath } from '../own-path'

/** Draws the frame. It protects nothing: each page's own procedures do. */
export function loader({ context, request }: LoaderFunctionArgs) {
  if (!context.user) throw redirect(signInPath(request))
  const { name, username, role } = context.user
  return { name, username, isAdmin: role === 'admin' }
}

/** For what is shown instead of a page. */
export const meta: MetaFunction = ({ error }) => [{ title: error ? errorTitle(error) : 'Slipway' }]

export const clientLoader = keepsShown()

/** Pages that reload themselves do so without the frame. */
export const shouldRevalidate: ShouldRevalidateFunction = ({ currentUrl, nextUrl, formMethod }) =>
  formMethod !== undefined || currentUrl.href !== nextUrl.href

export default function UserFrame() {
  return (
    <Frame account={useLoaderData<typeof loader>()}>
      <Outlet />
    </Frame>
  )
}

/** The ways on stay where they are when a page can't be shown. */
export function ErrorBoundary() {
  const account = useRouteLoaderData<typeof loader>('routes/_user')
  if (!account) return <ErrorPage />
  return (
    <Frame account={account}>
      <ErrorMessage />
    </Frame>
  )
}
