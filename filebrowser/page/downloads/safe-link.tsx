import { ExternalLink } from 'lucide-react'
import type { ReactNode } from 'react'

interface SafeLinkProps {
  href: string
  className?: string
  children: ReactNode
}

/** A link that somebody else gave: to a place of this page, or to a web page, which opens beside it. */
export function SafeLink({ href, className = '', children }: SafeLinkProps) {
  const look = `text-accent underline wrap-anywhere ${className}`
  if (href.startsWith('#'))
    return (
      <a href={href} className={look}>
        {children}
      </a>
    )
  if (!/^https?:\/\//i.test(href)) return <>{children}</>
  return (
    <a href={href} target="_blank" rel="noreferrer" className={look}>
      {children}
      <ExternalLink aria-hidden className="ml-1 inline size-3.5 align-[-0.15em]" />
      <span className="sr-only"> (opens a new tab)</span>
    </a>
  )
}
