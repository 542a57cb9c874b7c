import { useEffect, useRef } from 'react'

/** The heading of a step. It takes the focus, since what had it is gone with the step before. */
export function FocusedTitle({ children }: { children: string }) {
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => title.current?.focus(), [])
  return (
    <h1 ref={title} tabIndex={-1} className="text-xl font-semibold outline-none">
      {children}
    </h1>
  )
}
