import { ExternalLink } from 'lucide-react'

/** A page of somebody else's, which learns nothing of where it was opened. */
export function OutsideLink({ href, label }: { href: string; label: string }) {
  return (
    <a
      href={href}
      target="_blank"
      rel="noreferrer"
      className="inline-flex items-center gap-1 font-medium text-accent underline"
    >
      {label} <ExternalLink aria-hidden className="size-3.5" />
    </a>
  )
}
