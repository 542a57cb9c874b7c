import { data, type LoaderFunctionArgs } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { NOTHING_HERE, NotFound } from '../components/error-page'
import { Frame } from '../components/frame/frame'

/** Every address that is nobody's. Who is signed in keeps the ways on. */
export function loader({ context: { user } }: LoaderFunctionArgs) {
  if (!user) throw nothing()
  const account = { name: user.name, username: user.username, isAdmin: user.role === 'admin' }
  return data({ account }, { status: 404 })
}

export function action(): never {
  throw nothing()
}

const nothing = () => new Response(NOTHING_HERE, { status: 404 })

export const meta = () => [{ title: 'Not found · Slipway' }]

export default function Nowhere() {
  return (
    <Frame account={useLoaderData<typeof loader>().account}>
      <NotFound />
    </Frame>
  )
}
