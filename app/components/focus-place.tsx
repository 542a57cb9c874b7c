import { useLocation } from '@remix-run/react'
import { type ReactNode, useEffect, useRef } from 'react'

/** A place that addresses lead to by its id: its first field then has the focus. */
export function FocusPlace({ id, children }: { id: string; children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null)
  const { hash, key } = useLocation()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same link leads there again
  useEffect(() => {
    if (hash === `#${id}`)
      place.current?.querySelector<HTMLElement>('input:not([type=hidden]), select, textarea')?.focus()
  }, [hash, key, id])
  return (
    <div ref={place} id={id}>
      {children}
    </div>
  )
}
