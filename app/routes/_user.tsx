import { type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { Form, Link, NavLink, Outlet, type ShouldRevalidateFunction, useLoaderData } from '@remix-run/react'
import clsx from 'clsx'
import { LogOut } from 'lucide-react'
import { Brand } from '../components/brand'
import { keepsShown } from '../components/keeps-shown'
import { Button } from '../components/ui/button'
import { signInPath } from '../own-path'

/** Draws the frame. It protects nothing: each page's own procedures do. */
export function loader({ context, request }: LoaderFunctionArgs) {
  if (!context.user) throw redirect(signInPath(request))
  return { name: context.user.name, isAdmin: context.user.role === 'admin' }
}

export const clientLoader = keepsShown()

/** Pages that reload themselves do so without the frame. */
export const shouldRevalidate: ShouldRevalidateFunction = ({ currentUrl, nextUrl, formMethod }) =>
  formMethod !== undefined || currentUrl.href !== nextUrl.href

export default function UserFrame() {
  const { name, isAdmin } = useLoaderData<typeof loader>()
  return (
    <>
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:m-2 focus:bg-surface focus:p-2"
      >
        Skip to content
      </a>
      <header className="border-b bg-surface">
        <div className="mx-auto flex max-w-5xl flex-wrap items-center gap-x-6 gap-y-1 px-4 py-2">
          <Link to="/machines" className="rounded-md">
            <Brand />
          </Link>
          <nav
            aria-label="Main"
            className="order-last flex w-full flex-wrap gap-0.5 sm:gap-1 sm:order-none sm:w-auto"
          >
            <Tab to="/machines">Machines</Tab>
            <Tab to="/saves">Saves</Tab>
            <Tab to="/trainer">Trainer</Tab>
            <Tab to="/profile">Profile</Tab>
            {isAdmin && <Tab to="/admin">Admin</Tab>}
          </nav>
          <div className="ml-auto flex items-center gap-2">
            <span className="hidden text-muted sm:inline">{name}</span>
            <Form method="post" action="/sign-out">
              <Button type="submit" variant="ghost" size="sm">
                <LogOut aria-hidden /> Sign out
              </Button>
            </Form>
          </div>
        </div>
      </header>
      <main id="content" className="mx-auto flex max-w-5xl flex-col gap-6 px-4 py-6">
        <Outlet />
      </main>
    </>
  )
}

function Tab({ to, children }: { to: string; children: string }) {
  return (
    <NavLink
      to={to}
      className={({ isActive }) =>
        clsx(
          'rounded-md px-1.5 py-1.5 font-medium sm:px-2.5 hover:bg-sunken',
          isActive ? 'bg-sunken text-text' : 'text-muted',
        )
      }
    >
      {children}
    </NavLink>
  )
}
