import { Link } from '@remix-run/react'
import { ChevronLeft } from 'lucide-react'

/** Above a page's title: the list that the page is of. */
export const BackLink = ({ to, children }: { to: string; children: string }) => (
  <Link to={to} className="-mb-4 inline-flex items-center gap-1 self-start text-muted hover:text-text">
    <ChevronLeft aria-hidden className="size-4" /> {children}
  </Link>
)
