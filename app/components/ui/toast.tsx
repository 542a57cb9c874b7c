import { X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button, IconButton } from './button'

const SHOWN_MS = 10_000

interface ToastProps {
  action?: { label: string; onClick: () => void } | undefined
  onClose: () => void
  children: string
}

/**
 * What was just done, with the way to undo it. It goes by itself, but not from under a pointer or the focus. Put
 * it in a live region that is always there, with a `key` for each.
 */
export function Toast({ action, onClose, children }: ToastProps) {
  const [isHeld, setHeld] = useState(false)
  const close = useRef(onClose)
  close.current = onClose
  useEffect(() => {
    if (isHeld) return
    const timer = setTimeout(() => close.current(), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [isHeld])
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only waits while somebody is at it
    <div
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="pointer-events-auto flex items-center gap-2 rounded-md border bg-surface py-2 pr-2 pl-3.5 shadow-lg"
    >
      <p className="line-clamp-3 min-w-0 flex-1 wrap-anywhere">{children}</p>
      {action && (
        <Button size="sm" onClick={action.onClick}>
          {action.label}
        </Button>
      )}
      <IconButton size="sm" label="Hide this message" onClick={onClose}>
        <X aria-hidden />
      </IconButton>
    </div>
  )
}
