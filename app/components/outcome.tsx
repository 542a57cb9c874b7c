import { type ComponentProps, useEffect, useRef } from 'react'
import { Alert } from './ui/alert'

/**
 * What came of a form. It takes the focus, since the button that had it is gone. Give it a `key` of the
 * answer that it tells.
 */
export function Outcome(props: ComponentProps<typeof Alert>) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => box.current?.focus(), [])
  return (
    <div ref={box} tabIndex={-1} className="rounded-md">
      <Alert {...props} />
    </div>
  )
}
