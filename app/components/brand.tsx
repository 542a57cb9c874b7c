import { Link } from '@remix-run/react'

export function Brand() {
  return (
    <span className="inline-flex items-center gap-2 text-base font-semibold">
      <img src="/favicon.svg" alt="" className="size-6" />
      Slipway
    </span>
  )
}

/** At the top of a page. */
export const BrandLink = () => (
  <Link to="/machines" className="flex shrink-0 rounded-md">
    <Brand />
  </Link>
)
